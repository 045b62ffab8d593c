FROM samen-check/debian
COPY node /usr/local/bin/
COPY package /usr/local/lib/node_modules/npm
COPY ca-certificates.crt /etc/ssl/certs/
COPY npmrc /usr/local/etc/
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && useradd --uid 1000 --create-home node

import { X509Certificate } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import t from 'tap'
import { runIssuer, TX_CODE, VCT } from '../test/counterpart-issuer.ts'
import { readPresentation, runVerifier } from '../test/counterpart-verifier.ts'
import { keyIdOf, type Minted, mintCertificate } from '../test/mint-certificate.ts'
import { createWallet, type Wallet } from './test-wallet.ts'

const CA_NAME = 'Federation CA'
const ca = { name: CA_NAME, ...mintCertificate({ name: CA_NAME, days: 3650 }) }
const options = { txCode: TX_CODE, copies: 3, label: 'Noor' }
const query = {
  credentials: [
    {
      id: 'q',
      format: 'dc+sd-jwt',
      meta: { vct_values: [VCT] },
      claims: [
        { path: ['year_group'] },
        { path: ['age_equal_or_over', '12'] },
        { path: ['pseudonyms', 'https://verifier.example/apps/a'] },
      ],
    },
  ],
}

type Test = Parameters<typeof runIssuer>[0]
const newWallet = (authority: Minted = ca) => createWallet({ allowInsecureLoopback: true, trustedCaPem: authority.pem })

async function holding(t: Test, label = 'Noor', wallet: Wallet = newWallet()) {
  const issuer = await runIssuer(t, ca)
  await wallet.redeemOffer(issuer.offerLink, { ...options, label })
  return { wallet, issuer }
}

t.test('an offer is redeemed: one token with DPoP, a key for each copy, thanks at the end', async (t) => {
  const { wallet, issuer } = await holding(t)
  t.equal(wallet.credentials.length, 3)
  t.same(issuer.heard, { tokens: 1, proofs: 3, notifications: ['credential_accepted'], dpop: 2 })
  t.equal(new Set(wallet.credentials.map(({ holderKey }) => holderKey.x)).size, 3)
  t.match(wallet.credentials[0], {
    vct: VCT,
    issuer: issuer.url,
    label: 'Noor',
    authority: keyIdOf(ca),
    claims: { given_name: 'Noor' },
  })
  t.same(wallet.pseudonymsFor('https://verifier.example/apps/b', 'Noor'), ['pb'])
  t.same(wallet.pseudonymsFor('https://verifier.example/apps/b', 'Sem'), [])
})

t.test('an offer with the code of another, or none, gives nothing', async (t) => {
  const issuer = await runIssuer(t, ca)
  const wallet = newWallet()
  await t.rejects(wallet.redeemOffer(issuer.offerLink, { ...options, txCode: '000000' }))
  await t.rejects(wallet.redeemOffer(issuer.offerLink, { ...options, txCode: 'none' }))
  t.equal(wallet.credentials.length, 0)
})

const strangeCa = { name: CA_NAME, ...mintCertificate({ name: CA_NAME }) }
const strangeKey = await exportJWK((await generateKeyPair('ES256')).publicKey)
const leaf = (uri: string, wish: object = {}) => mintCertificate({ name: 'De Wilg', issuer: ca, uri, ...wish })
const FAULTS: Record<string, (url: string) => object> = {
  'is certified by another authority of the same name': (uri) => ({ leaf: leaf(uri, { issuer: strangeCa }) }),
  'is certified by somebody who copied the name and the key id of the authority': (uri) => ({
    leaf: leaf(uri, { issuer: { ...ca, privateKey: strangeCa.privateKey } }),
  }),
  'is signed by an authority below the authority': (uri) => ({ leaf: leaf(uri, { authority: true }) }),
  'is certified for another school': () => ({
    leaf: mintCertificate({ name: 'De Wilg', issuer: ca, uri: 'https://other.example' }),
  }),
  'is certified no longer': (uri) => ({ leaf: mintCertificate({ name: 'De Wilg', issuer: ca, uri, days: -1 }) }),
  'carries the authority along': (uri) => {
    const own = leaf(uri)
    return { leaf: own, header: { x5c: [own.x5c, ca.x5c] } }
  },
  'is signed by another key than the certificate names': (uri) => ({
    header: { x5c: [mintCertificate({ name: 'x', issuer: ca, uri }).x5c] },
  }),
  'names another issuer': () => ({ claims: { iss: 'https://other.example' } }),
  'is bound to a key of somebody else': () => ({ holderKey: strangeKey }),
  'has expired': () => ({ claims: { exp: Math.floor(Date.now() / 1000) - 1 } }),
  'is of the old type': () => ({ header: { typ: 'vc+sd-jwt' } }),
  'is one copy too few': () => ({ fewer: true }),
}

for (const [fault, change] of Object.entries(FAULTS)) {
  t.test(`a credential is not kept when it ${fault}`, async (t) => {
    const issuer = await runIssuer(t, ca)
    issuer.fault = change(issuer.url)
    const wallet = newWallet()
    await t.rejects(wallet.redeemOffer(issuer.offerLink, options), Error)
    t.equal(wallet.credentials.length, 0)
    t.same(issuer.heard.notifications, [], 'nothing is called accepted')
  })
}

t.test('a request is answered with the asked claims, encrypted, bound to this verifier and nonce', async (t) => {
  const { wallet } = await holding(t)
  const verifier = await runVerifier(t, ca, query)
  const answer = await wallet.respond(verifier.link)
  t.match(answer, { status: 200, redirect_uri: 'https://verifier.example/done' })
  const [heard] = verifier.heard
  t.match(heard?.encryption, { alg: 'ECDH-ES', enc: 'A256GCM', kid: 'enc-1' })
  t.equal(heard?.form.get('state'), 's-1')
  const presentation = heard?.vpToken?.['q']?.[0] ?? ''
  const shown = await readPresentation(presentation, leafKey(wallet), {
    clientId: verifier.clientId,
    nonce: 'n-0S6_WzA2Mj',
  })
  t.match(shown, {
    year_group: '6',
    age_equal_or_over: { '12': false },
    pseudonyms: { 'https://verifier.example/apps/a': 'pa' },
  })
  t.notMatch(JSON.stringify(shown), /Noor|"13"|apps\/b|pb/)
  t.equal(presentation.split('~').length - 2, 3, 'three disclosures and no more')
})

t.test('each showing uses a copy that was never shown, as long as there is one', async (t) => {
  const { wallet } = await holding(t)
  const verifier = await runVerifier(t, ca, query)
  for (let i = 0; i < 4; i += 1) await wallet.respond(verifier.link)
  const copies = verifier.heard.map(({ vpToken }) => vpToken?.['q']?.[0]?.split('~')[0])
  t.equal(new Set(copies).size, 3)
})

t.test('of two children the owner chooses one; the wallet does not guess', async (t) => {
  const wallet = newWallet()
  await holding(t, 'Noor', wallet)
  const { issuer } = await holding(t, 'Sem', wallet)
  const verifier = await runVerifier(t, ca, query)
  await t.rejects(wallet.respond(verifier.link), /several children/)
  await wallet.respond(verifier.link, { choose: (held) => held.label === 'Sem' })
  const shown = verifier.heard[0]?.vpToken?.['q']?.[0] ?? ''
  t.equal(wallet.credentials.find(({ used }) => used)?.issuer, issuer.url)
  t.ok(
    wallet.credentials.some(({ label, compact }) => label === 'Sem' && compact.startsWith(shown.split('~')[0] ?? 'x')),
  )
})

t.test('a query that nothing held satisfies is not answered', async (t) => {
  const { wallet } = await holding(t)
  const trusting = (authority: Minted) => ({
    credentials: query.credentials.map((each) => ({
      ...each,
      trusted_authorities: [{ type: 'aki', values: [keyIdOf(authority)] }],
    })),
  })
  const asking = { credentials: [{ ...query.credentials[0], claims: [{ path: ['birthdate'] }] }] }
  for (const unmet of [asking, trusting(strangeCa)]) {
    const verifier = await runVerifier(t, ca, unmet)
    await t.rejects(wallet.respond(verifier.link), /nothing for the query q/)
    t.equal(verifier.heard.length, 0)
  }
  t.equal((await wallet.respond((await runVerifier(t, ca, trusting(ca))).link)).status, 200)
})

t.test('an owner who says no sends no more than that', async (t) => {
  const { wallet } = await holding(t)
  const verifier = await runVerifier(t, ca, query)
  t.equal((await wallet.refuse(verifier.link)).status, 200)
  t.equal(verifier.heard[0]?.form.toString(), 'error=access_denied&state=s-1')
  t.notOk(wallet.credentials.some(({ used }) => used))
})

t.test('a request that is to be fetched by POST must carry the nonce of this wallet', async (t) => {
  const { wallet } = await holding(t)
  const verifier = await runVerifier(t, ca, query)
  t.equal((await wallet.respond(verifier.postLink)).status, 200)
  t.same(verifier.fetched, ['POST'])
  verifier.changes = { ...verifier.changes, wallet_nonce: 'old' }
  await t.rejects(wallet.respond(verifier.postLink), /wallet_nonce/)
})

const REQUEST_FAULTS: Record<string, (verifier: Awaited<ReturnType<typeof runVerifier>>) => void> = {
  'is signed under another authority': (verifier) => {
    verifier.leaf = mintCertificate({ name: 'App', issuer: strangeCa, uri: 'https://verifier.example/apps/a' })
  },
  'is signed by another member than the link names': (verifier) => {
    verifier.leaf = mintCertificate({ name: 'App', issuer: ca, uri: 'https://verifier.example/apps/a' })
  },
  'names another client than the link': (verifier) => {
    verifier.changes = { ...verifier.changes, client_id: 'x509_hash:AAAA' }
  },
  'is for another audience': (verifier) => {
    verifier.changes = { ...verifier.changes, aud: 'https://other.example' }
  },
  'wants the answer in clear': (verifier) => {
    verifier.changes = { ...verifier.changes, response_mode: 'direct_post' }
  },
  'has no nonce': (verifier) => {
    verifier.changes = { ...verifier.changes, nonce: undefined }
  },
  'has ended': (verifier) => {
    verifier.changes = { ...verifier.changes, exp: Math.floor(Date.now() / 1000) - 10 }
  },
  'is no request object': (verifier) => {
    verifier.header = { typ: 'JWT' }
  },
  'wants the answer sent over plain http': (verifier) => {
    verifier.changes = { ...verifier.changes, response_uri: 'http://198.51.100.7/response' }
  },
}

for (const [fault, change] of Object.entries(REQUEST_FAULTS)) {
  t.test(`a request is not answered when it ${fault}`, async (t) => {
    const { wallet } = await holding(t)
    const verifier = await runVerifier(t, ca, query)
    change(verifier)
    await t.rejects(wallet.respond(verifier.link), Error)
    t.equal(verifier.heard.length, 0)
  })
}

t.test('a dishonest wallet can change every part of an answer, so that verifiers can be tested', async (t) => {
  const { wallet } = await holding(t)
  const verifier = await runVerifier(t, ca, query)
  const expected = { clientId: verifier.clientId, nonce: 'n-0S6_WzA2Mj' }
  const tampers = [
    { disclosures: (sdJwt: string) => sdJwt.replace(/~[^~]+~$/, '~') },
    { keyBinding: (payload: object) => ({ ...payload, aud: 'https://other.example' }) },
    { keyBinding: (payload: object) => ({ ...payload, sd_hash: 'AAAA' }) },
    { presentation: (presentation: string) => presentation.slice(0, -4) },
    { vpToken: () => ({ other: ['x'] }) },
  ]
  for (const tamper of tampers) await wallet.respond(verifier.link, { tamper })
  const [fewer, audience, hash, cut, other] = verifier.heard.map(({ vpToken }) => vpToken)
  t.equal(fewer?.['q']?.[0]?.split('~').length, 4)
  for (const broken of [audience, hash, cut]) {
    await t.rejects(readPresentation(broken?.['q']?.[0] ?? '', leafKey(wallet), expected))
  }
  t.same(other, { other: ['x'] })
})

t.test('a wallet without the leave to speak plain http speaks to nobody on it', async (t) => {
  const issuer = await runIssuer(t, ca)
  const strict = createWallet({ allowInsecureLoopback: false, trustedCaPem: ca.pem })
  await t.rejects(strict.redeemOffer(issuer.offerLink, options))
  t.same(issuer.heard.tokens, 0)
})

/** The key of the school's certificate, as the credentials carry it. */
function leafKey(wallet: Wallet) {
  const [header = ''] = (wallet.credentials[0]?.compact ?? '').split('.')
  const { x5c } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
  return new X509Certificate(Buffer.from(x5c[0], 'base64')).publicKey
}

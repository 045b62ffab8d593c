function refuse() {
  throw new Error('this product does not use express-support')
}
exports.oidcDiscoverIssuer = refuse
exports.oidcGetClient = refuse

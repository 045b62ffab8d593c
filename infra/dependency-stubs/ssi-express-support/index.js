// Stands in for an express/passport/casbin tree that only two functions we never call would use.
function refuse() {
  throw new Error('this product does not use express-support')
}
export const oidcDiscoverIssuer = refuse
export const oidcGetClient = refuse

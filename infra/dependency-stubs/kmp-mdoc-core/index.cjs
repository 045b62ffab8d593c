const refuse = {
  get: () => {
    throw new Error('mdoc is not supported')
  },
}
module.exports = { com: new Proxy({}, refuse) }

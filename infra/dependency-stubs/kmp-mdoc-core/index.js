// Stands in for a 14 MB CBOR parser without a licence: credentials here are SD-JWT VC only.
const refuse = {
  get: () => {
    throw new Error('mdoc is not supported')
  },
}
export default { com: new Proxy({}, refuse) }

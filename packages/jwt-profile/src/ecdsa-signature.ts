const SCALAR_LENGTH = 32

/**
 * Node signs plain keys fastest in ASN.1 DER, while JWS wants the two numbers side by side. RFC7518#section-3.4
 * In: the DER signature of a P-256 key, as node:crypto makes it. Out: 64 bytes, R and S.
 */
export function derToConcatenated(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * SCALAR_LENGTH)
  // SEQUENCE, its length, INTEGER, its length, R, INTEGER, its length, S: all lengths fit one byte on this curve.
  const endOfR = copyInteger(der, 2, signature, SCALAR_LENGTH)
  copyInteger(der, endOfR, signature, 2 * SCALAR_LENGTH)
  return signature
}

function copyInteger(der: Buffer, at: number, target: Buffer, targetEnd: number): number {
  const end = at + 2 + (der[at + 1] as number)
  // An INTEGER has one zero byte more than 32 when its first bit is set, and fewer bytes when it is small.
  const start = Math.max(at + 2, end - SCALAR_LENGTH)
  der.copy(target, targetEnd - (end - start), start, end)
  return end
}

/** The way back. In: 64 bytes, R and S. Out: the DER signature that node:crypto verifies. RFC7518#section-3.4 */
export function concatenatedToDer(signature: Buffer): Buffer {
  const r = integer(signature.subarray(0, SCALAR_LENGTH))
  const s = integer(signature.subarray(SCALAR_LENGTH))
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s])
}

function integer(scalar: Buffer): Buffer {
  let start = 0
  while (start < SCALAR_LENGTH - 1 && scalar[start] === 0) start += 1
  const positive = (scalar[start] as number) < 0x80
  const digits = scalar.subarray(start)
  return Buffer.concat([Buffer.from(positive ? [0x02, digits.length] : [0x02, digits.length + 1, 0]), digits])
}

import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** A schema with its compiled checker: built once when the program starts, asked on every message. */
export type Shape<T extends TSchema> = {
  readonly schema: T
  /** Whether the value has this shape. */
  is(value: unknown): value is Static<T>
  /** The value, typed; or throws what `onMismatch` makes of the first path that does not fit (a JSON pointer). */
  read(value: unknown, onMismatch: (path: string) => Error): Static<T>
}

/**
 * Compiles a TypeBox schema. In: the schema. Out: its shape. Unknown members pass, nothing is coerced, no default is
 * filled in: the value that comes out is the value that went in. Throws RangeError for a schema with `uniqueItems`: comparing all
 * items with all others is work that a sender chooses, and seconds of it.
 */
export function defineShape<T extends TSchema>(schema: T): Shape<T> {
  if (JSON.stringify(schema).includes('"uniqueItems":true')) throw new RangeError('compare the items in code')
  const validator = Compile(schema)
  const is = (value: unknown): value is Static<T> => validator.Check(value)
  return {
    schema,
    is,
    read(value, onMismatch) {
      if (is(value)) return value
      const [first] = validator.Errors(value)
      throw onMismatch(declaredPath(schema, first?.instancePath ?? ''))
    },
  }
}

type SchemaNode = { readonly properties?: Record<string, SchemaNode>; readonly items?: SchemaNode }

/** Follows the path only as far as the schema itself names it: a member name chosen by the sender is input too. */
function declaredPath(schema: TSchema, pointer: string): string {
  let node = schema as SchemaNode | undefined
  let path = ''
  for (const segment of pointer.split('/').slice(1)) {
    const properties = node?.properties ?? {}
    const next = Object.hasOwn(properties, segment) ? properties[segment] : node?.items
    if (next === undefined) return path
    path += `/${segment}`
    node = next
  }
  return path
}

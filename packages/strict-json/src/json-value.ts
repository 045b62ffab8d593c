/** A value that JSON can carry. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject
export type JsonObject = { [member: string]: JsonValue }

/** Deeper than any message of the protocols in use, and far from the end of the stack. */
export const MAX_DEPTH = 32

/**
 * SVC#claims. Claims that say who, until when, for whom and under which status: never selectively disclosable, or the holder could
 * choose whether they hold.
 */
const PROTECTED = new Set(['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'aka_vcts', 'status'])

/** Names with a meaning to the format itself. SDJ#section-4.2.1, SDJ#section-4.1.1 */
const RESERVED = new Set(['_sd', '_sd_alg', '...'])

/** Names that reach into the prototype chain of whoever copies the object; strict JSON refuses them as members too. */
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether a top-level claim may not be hidden, nor anything inside it. */
export const isProtectedClaim = (name: string): boolean => PROTECTED.has(name)

/** Whether no claim at any level may have this name. */
export const isReservedName = (name: string): boolean => RESERVED.has(name) || DANGEROUS.has(name)

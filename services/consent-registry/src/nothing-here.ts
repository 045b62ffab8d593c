import { Problem } from '@samen/errors'

/** The answer to an unknown URL, and with the same bytes to an unknown id. */
export function nothingHere(): Problem {
  return new Problem(404, 'not-found', 'There is nothing here')
}

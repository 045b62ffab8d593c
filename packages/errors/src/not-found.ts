import { Problem } from './problem.ts'

/** What answers an unknown URL, and with the same bytes an unknown and a foreign id: nobody learns which of the two it was. */
export function notFound(): Problem {
  return new Problem(404, 'not-found', 'There is nothing here')
}

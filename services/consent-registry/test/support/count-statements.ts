import type { Db, Statements, Tx } from '@samen/pg-kit'

/** The same database, with a count of the statements that go through it; the frame of a transaction is not counted. */
export function countStatements(db: Db): { db: Db; count: () => number } {
  let statements = 0
  const counted = <Through extends Statements>(through: Through): Through => {
    const count =
      <Arguments extends unknown[], Result>(run: (...given: Arguments) => Result) =>
      (...given: Arguments) => {
        statements += 1
        return run(...given)
      }
    const { one, maybe, many, run } = through
    return { ...through, one: count(one), maybe: count(maybe), many: count(many), run: count(run) }
  }
  const transaction: Db['transaction'] = (work) => db.transaction((tx) => work(counted<Tx>(tx)))
  return { db: { ...counted<Db>(db), transaction }, count: () => statements }
}

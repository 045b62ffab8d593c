import t from 'tap'
import './reflect-metadata.ts'

const notes = Reflect as unknown as {
  defineMetadata(key: unknown, value: unknown, target: object): void
  getOwnMetadata(key: unknown, target: object): unknown
  getMetadata(key: unknown, target: object): unknown
}

t.test('a class inherits the notes about its parents until it has its own', async (t) => {
  const Parent = class {}
  const Child = class extends Parent {}
  t.equal(notes.getMetadata('tokens', Child), undefined)
  notes.defineMetadata('tokens', 1, Parent)
  notes.defineMetadata('other', 2, Parent)
  t.equal(notes.getMetadata('tokens', Child), 1)
  t.equal(notes.getOwnMetadata('tokens', Child), undefined)
  notes.defineMetadata('tokens', 3, Child)
  t.equal(notes.getMetadata('tokens', Child), 3)
  t.equal(notes.getOwnMetadata('tokens', Child), 3)
  t.equal(notes.getMetadata('tokens', Parent), 1)
  t.equal(notes.getMetadata('other', Child), 2)
})

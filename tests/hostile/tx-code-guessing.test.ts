import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { startNetwork } from '../network.ts'
import { countByStatus, makeOffer, postToken } from '../raw-wallet.ts'

const wrong = (code: string, by: number) => String((Number(code) + by) % 10 ** code.length).padStart(code.length, '0')

t.test('thirty guesses of the code on the letter, all at once, kill the offer', async (t) => {
  const story = await startNetwork(t, 'roster')
  const offer = await makeOffer(story, CHILD)
  const guesses = Array.from({ length: 30 }, (_, index) => ({ ...offer, txCode: wrong(offer.txCode, index + 1) }))
  const answers = await Promise.all(guesses.map((guess) => postToken(guess, { key: generateSigningKey() })))
  t.same(countByStatus(answers), { 400: 30 })
  const right = await postToken(offer, { key: generateSigningKey() })
  t.equal(right.status, 400, 'the right code comes too late')
  t.equal(right.body.error, 'invalid_grant')

  const patient = await makeOffer(story, CHILD)
  for (let tries = 1; tries <= 4; tries += 1) {
    await postToken({ ...patient, txCode: wrong(patient.txCode, tries) }, { key: generateSigningKey() })
  }
  t.equal((await postToken(patient, { key: generateSigningKey() })).status, 200, 'four mistakes are forgiven')
})

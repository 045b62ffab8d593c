import { hash } from 'node:crypto'
import { guessesFrom, readEveryRow } from '@samen/test-kit'
import t from 'tap'
import { deskOrder, makeOffer, offerPath, openNode, readCode } from './support/issuing-school.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('no value of a stolen database is a code, a link, a token, a nonce or a key', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  await school.addPupil('bram')
  const open = await makeOffer(node, school, deskOrder('anna', ['pupil', 'guardianship']))
  const { wallet } = await walletFor(node, school, 'bram')
  t.equal((await wallet.askFor('pupil')).statusCode, 200)
  const thief = new TestWallet(node, school)

  const get = (url: string, apiKey?: string) =>
    node.app.inject({ method: 'GET', url, headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` } })
  const [link, page] = [offerPath(open), new URL(open.page_url).pathname]
  const at = (path: string, text: string) => get(path.replace(/[^/]+$/, encodeURIComponent(text)))
  const nameOf = (path: string) => path.split('/').at(-1) ?? ''
  const code = await readCode(node, open)
  /** What each secret opens, and the one that does. */
  const doors: Record<string, [opens: (text: string) => Promise<{ statusCode: number }>, right: string]> = {
    'the link of an offer': [(text) => at(link, text), nameOf(link)],
    'the page of an offer': [(text) => at(page, text), nameOf(page)],
    'a code': [(text) => thief.redeem(text, open.tx_code), code],
    'an access token': [(accessToken) => Object.assign(wallet, { accessToken }).askFor('pupil'), wallet.accessToken],
    'a nonce': [
      (nonce) => wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt: [wallet.proof(nonce)] } }),
      await wallet.nonce(),
    ],
    'an API key': [(text) => get(`/v1/schools/${school.slug}/offers/${open.id}`, text), school.apiKey],
  }
  const rows = await readEveryRow(node.superuserUrl)
  const text = rows.map(({ line }) => line).join('\n')
  t.match(text, hash('sha256', code), 'the hash of the code was really looked at')
  t.notMatch(text, new RegExp(`Kanarie|anna|staff-1|[,(]${open.tx_code}[,)]`), 'what was offered cannot be read')
  const stolen = guessesFrom(rows)
  t.ok(stolen.length > 100, 'there is something to try')
  for (const [door, [opens, right]] of Object.entries(doors)) {
    const answers = new Set<number>()
    for (const text of stolen) answers.add((await opens(text)).statusCode)
    t.ok(
      [...answers].every((status) => status >= 400 && status <= 404),
      `${door}: ${[...answers].join()}`,
    )
    t.equal((await opens(right)).statusCode, 200, `${door} opens by the right one, which was not spent by that`)
  }
})

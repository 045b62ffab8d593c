import type { Others } from './start-others.ts'
import type { TestFederation, TestMember } from './test-federation.ts'

/** What an anchor answers, and as what. */
const DOCUMENTS = {
  '/.well-known/openid-federation': 'application/entity-statement+jwt',
  '/list': 'application/json',
  '/fetch': 'application/entity-statement+jwt',
  '/trust-mark': 'application/trust-mark+jwt',
  '/certificates': 'application/json',
}

/** Serves the documents of a test federation over HTTP: its anchor's id lies below the address of the others. */
export function serveFederation({ answers }: Pick<Others, 'answers'>, federation: TestFederation): void {
  const { entityId } = federation.anchor
  for (const [document, type] of Object.entries(DOCUMENTS)) {
    answers.set(`GET ${new URL(entityId).pathname}${document}`, async ({ query }) =>
      federation.fetchText(`${entityId}${document}?${query}`).then(
        (body) => ({ type, body }),
        () => ({ status: 404, type: 'application/json', body: '{"error":"not_found"}' }),
      ),
    )
  }
}

/** Serves what a member says about itself, at its own address. */
export function serveMember({ answers }: Pick<Others, 'answers'>, { entityId, configuration }: TestMember): void {
  answers.set(`GET ${new URL(entityId).pathname}/.well-known/openid-federation`, () => ({
    type: DOCUMENTS['/.well-known/openid-federation'],
    body: configuration(),
  }))
}

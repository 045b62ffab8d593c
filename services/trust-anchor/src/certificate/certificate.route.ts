import { ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'

const Granted = Type.Object({
  sub: Type.String({ examples: ['https://issuer.example/schools/de-vlieger'] }),
  trust_mark_types: Type.Array(Type.String({ examples: ['urn:samen:trust-mark:school'] })),
  certificates: Type.Record(Type.String(), Type.Array(Type.String()), { description: 'x5c by key thumbprint' }),
})

/** What a member was granted; it fetches this itself, and checks it against its own keys. Public, since certificates are. */
export function registerCertificateRoute(app: App, { members }: Deps): void {
  app.get(
    '/certificates',
    {
      config: { errorStyle: 'protocol' },
      schema: {
        tags: ['federation'],
        summary: 'Trust mark types and certificates of a member',
        querystring: Type.Object({
          sub: Type.String({ minLength: 1, maxLength: 512, examples: ['https://issuer.example/schools/de-vlieger'] }),
        }),
        response: { 200: Granted },
      },
    },
    async (request) => {
      const member = members.find(request.query.sub)
      if (member === undefined) throw new ProtocolError(404, 'not_found', 'there is no such member')
      const certificates = Object.fromEntries(Object.entries(member.certificates).map(([kid, x5c]) => [kid, [...x5c]]))
      return { sub: member.entity_id, trust_mark_types: [...member.trust_marks], certificates }
    },
  )
}

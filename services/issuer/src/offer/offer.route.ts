import { type App, bearer, idempotencyOf, languageOf, sendPage } from '@samen/http-kit'
import { Type } from 'typebox'
import { BY_SCHOOL, replies, SchoolAndIdParams, SchoolParams, SchoolSlug } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import { findSchool } from '../wallet-route.ts'
import { cancelOffer } from './cancel-offer.ts'
import { createOffer } from './create-offer.ts'
import { CredentialOffer, OfferMade, OfferOrder, OfferState } from './offer-messages.ts'
import { offerPage } from './offer-page.ts'
import { fetchOffer, readOfferPage, readOfferState } from './read-offer.ts'

const ReferenceParams = Type.Object({
  school: SchoolSlug,
  reference: Type.String({ maxLength: 64, examples: ['SplxlOBeZQQYbYS6WxSbIA'] }),
})
const tags = ['offers']
const security = BY_SCHOOL

/** `POST /v1/schools/{school}/offers`, `GET` and `DELETE …/offers/{id}`: for the administration and the desk. */
export function registerOfferRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/schools/:school/offers',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags,
        security,
        summary: 'Offer credentials to a guardian or a pupil',
        params: SchoolParams,
        body: OfferOrder,
        response: replies(201, OfferMade, 400, 409, 422),
      },
    },
    async (request, reply) => {
      const caller = await authenticateSchool(deps, bearer(request), request.params.school, 'offers')
      const { status, body } = await createOffer(deps, caller, request.body, idempotencyOf(request))
      return reply.code(status as 201).send(body as OfferMade)
    },
  )
  registerOneOffer(app, deps)
}

function registerOneOffer(app: App, deps: Deps): void {
  const url = '/v1/schools/:school/offers/:id'
  const shared = { tags, security, params: SchoolAndIdParams }
  const summary = 'How an offer stands, and what came of it'
  app.get(url, { schema: { ...shared, summary, response: replies(200, OfferState) } }, async (request) => {
    const { school } = await authenticateSchool(deps, bearer(request), request.params.school, 'offers')
    return readOfferState(deps, school, request.params.id)
  })
  app.delete(
    url,
    {
      schema: {
        ...shared,
        summary: 'Cancel an offer; what was handed over stays valid',
        response: replies(204, Type.Null()),
      },
    },
    async (request, reply) => {
      const caller = await authenticateSchool(deps, bearer(request), request.params.school, 'offers')
      await cancelOffer(deps, caller, request.params.id)
      return reply.code(204).send(null)
    },
  )
}

/** `GET /schools/{school}/offers/{reference}` for the wallet and `GET /schools/{school}/desk/offers/{reference}` for people. */
export function registerOfferPages(app: App, deps: Deps): void {
  app.get(
    '/schools/:school/offers/:reference',
    {
      schema: {
        tags: ['wallet'],
        summary: 'An offer, by reference',
        params: ReferenceParams,
        response: { 200: CredentialOffer },
      },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      const offer = await fetchOffer(deps, school, request.params.reference)
      return reply.type('application/json').send(JSON.stringify(offer) as never)
    },
  )
  app.get(
    '/schools/:school/desk/offers/:reference',
    {
      config: { errorStyle: 'page' },
      schema: { tags: ['pages'], summary: 'QR code and link of an offer', params: ReferenceParams },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      const offer = await readOfferPage(deps, school, request.params.reference)
      return sendPage(reply, offerPage({ lang: languageOf(request), schoolName: school.name, ...offer }))
    },
  )
}

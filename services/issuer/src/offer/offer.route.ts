import { type App, bearer, idempotencyOf, languageOf, sendPage } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import { findSchool, SchoolParams } from '../wallet-route.ts'
import { createOffer } from './create-offer.ts'
import { OfferMade, OfferOrder, OfferState } from './offer-messages.ts'
import { offerPage } from './offer-page.ts'
import { cancelOffer, fetchOffer, readOfferPage, readOfferState } from './read-offer.ts'

const OfferParams = Type.Object({ school: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }) })
const ReferenceParams = Type.Object({
  school: Type.String({ maxLength: 64 }),
  reference: Type.String({ maxLength: 64 }),
})
const tags = ['offers']

/** `POST /v1/schools/{school}/offers`, `GET` and `DELETE …/offers/{id}`: for the administration and the desk. */
export function registerOfferRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/schools/:school/offers',
    {
      schema: {
        params: SchoolParams,
        body: OfferOrder,
        response: { 201: OfferMade },
        tags,
        summary: 'Offer credentials',
      },
    },
    async (request, reply) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'offers')
      const { status, body } = await createOffer(deps, school, request.body, idempotencyOf(request))
      return reply.code(status as 201).send(body as OfferMade)
    },
  )
  app.get(
    '/v1/schools/:school/offers/:id',
    { schema: { params: OfferParams, response: { 200: OfferState }, tags, summary: 'How an offer stands' } },
    async (request) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'offers')
      return readOfferState(deps, school, request.params.id)
    },
  )
  app.delete(
    '/v1/schools/:school/offers/:id',
    { schema: { params: OfferParams, response: { 204: Type.Null() }, tags, summary: 'Withdraw an offer' } },
    async (request, reply) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'offers')
      await cancelOffer(deps, school, request.params.id)
      return reply.code(204).send(null)
    },
  )
}

/** `GET /schools/{school}/offers/{reference}` for the wallet and `GET /schools/{school}/desk/offers/{reference}` for people. */
export function registerOfferPages(app: App, deps: Deps): void {
  app.get(
    '/schools/:school/offers/:reference',
    { schema: { params: ReferenceParams, tags: ['wallet'], summary: 'An offer, by reference' } },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      const offer = await fetchOffer(deps, school, request.params.reference)
      return reply.type('application/json').send(JSON.stringify(offer))
    },
  )
  app.get(
    '/schools/:school/desk/offers/:reference',
    {
      config: { errorStyle: 'page' },
      schema: { params: ReferenceParams, tags: ['pages'], summary: 'QR code and link of an offer' },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      const offer = await readOfferPage(deps, school, request.params.reference)
      return sendPage(reply, offerPage({ lang: languageOf(request), schoolName: school.name, ...offer }))
    },
  )
}

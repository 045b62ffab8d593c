import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { publicUrl, SERVICES } from '../../scripts/network/settings.ts'
import { startNetwork } from '../network.ts'
import { root } from './sources.ts'

t.test('the API of each service is the one that was agreed: services/*/openapi.json', async (t) => {
  const { settings } = await startNetwork(t, 'none')
  for (const service of SERVICES) {
    const file = `${root}/services/${service}/openapi.json`
    const now = `${(await (await fetch(`${publicUrl(settings, service)}/openapi.json`)).text()).trimEnd()}\n`
    // A wanted change is agreed with UPDATE_OPENAPI=1 and seen in review.
    if (process.env.UPDATE_OPENAPI) writeFileSync(file, now)
    t.ok(existsSync(file), `${service} has a snapshot`)
    t.same(JSON.parse(now), JSON.parse(readFileSync(file, 'utf8')), service)
    t.ok(Object.keys(JSON.parse(now).paths).length > 3, `${service} really describes its URLs`)
  }
})

/** A source file as the boundary rules see it. `path` is relative to the root, with forward slashes. */
export interface Source {
  readonly path: string
  readonly text: string
}

interface Rule {
  readonly name: string
  readonly applies: (path: string) => boolean
  /** Looks at the module names that the file imports, and at its text without comments. */
  readonly breaks: (path: string, imports: readonly string[], code: string) => boolean
}

const KITS = ['http-kit', 'pg-kit', 'pg-dev', 'test-kit', 'test-wallet']
const SERVICES = ['issuer', 'verifier', 'consent-registry', 'trust-anchor']
const isTest = (path: string) => path.endsWith('.test.ts') || /^services\/[^/]+\/test\//.test(path)
const isProtocolPackage = (path: string) =>
  path.startsWith('packages/') && !KITS.some((kit) => path.startsWith(`packages/${kit}/`)) && !isTest(path)
const isService = (path: string) => path.startsWith('services/') && !isTest(path)
const imports = (names: readonly string[], ...wanted: string[]) =>
  names.some((name) => wanted.some((prefix) => name === prefix || name.startsWith(`${prefix}/`)))
const onlyImporter = (owner: string, ...modules: string[]): Rule => ({
  name: `only ${owner} imports ${modules.join(', ')}`,
  applies: (path) =>
    (path.startsWith('packages/') || path.startsWith('services/')) && !isTest(path) && !path.startsWith(owner),
  breaks: (_path, names) => imports(names, ...modules),
})

/** The cuts that ARCHITECTURE.md draws, each as a rule that a file can break. */
export const RULES: readonly Rule[] = [
  {
    name: 'services meet only over HTTP: none imports another',
    applies: (path) => path.startsWith('services/'),
    breaks: (path, names) => {
      const own = path.split('/')[1] ?? ''
      const others = SERVICES.filter((service) => service !== own)
      const climbs = names.some((name) => others.some((other) => name.includes(`/${other}/`) && name.startsWith('..')))
      return climbs || imports(names, ...others.map((other) => `@samen/${other}`))
    },
  },
  {
    name: 'a route never touches SQL',
    applies: (path) => path.endsWith('.route.ts'),
    breaks: (_path, names, code) => names.some((name) => name.endsWith('.sql.ts')) || /\bsql`/.test(code),
  },
  {
    name: 'SQL text stands only in *.sql.ts',
    applies: (path) => isService(path) && !path.endsWith('.sql.ts'),
    breaks: (_path, _names, code) => /\bsql`/.test(code),
  },
  {
    name: 'a use case does not know HTTP',
    applies: (path) => isService(path) && /\/src\/[^/]+\//.test(path) && !path.endsWith('.route.ts'),
    breaks: (_path, names) => imports(names, 'fastify'),
  },
  {
    name: 'protocol packages know no server, database, network, clock or environment',
    applies: isProtocolPackage,
    breaks: (_path, names, code) =>
      imports(names, 'fastify', 'pg', 'pino', 'undici', '@samen/http-kit', '@samen/pg-kit', 'node:http', 'node:net') ||
      /(?<![.\w])fetch\(|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.env\b/.test(code),
  },
  {
    name: 'services take time, randomness, network and environment from Deps',
    applies: (path) => isService(path) && !/\/src\/(config|deps|main)\.ts$/.test(path),
    breaks: (_path, _names, code) =>
      /(?<![.\w])fetch\(|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.env\b/.test(code),
  },
  {
    name: 'packages never import services, and nothing imports tests',
    applies: (path) => path.startsWith('packages/') || path.startsWith('services/'),
    breaks: (path, names) =>
      names.some((name) => name.startsWith('..') && name.includes('/services/')) ||
      (path.startsWith('packages/') && imports(names, ...SERVICES.map((service) => `@samen/${service}`))) ||
      (!isTest(path) && names.some((name) => /(^|\/)tests\//.test(name))),
  },
  {
    name: 'the test kit and the test wallet stay out of running services',
    applies: isService,
    breaks: (_path, names) => imports(names, '@samen/test-kit', '@samen/test-wallet', '@samen/pg-dev'),
  },
  {
    name: 'another package is entered by its front door',
    applies: (path) => path.startsWith('packages/') || path.startsWith('services/'),
    breaks: (_path, names) => names.some((name) => /^@samen\/[^/]+\//.test(name) || /^(\.\.\/)+packages\//.test(name)),
  },
  onlyImporter('packages/pg-kit/', 'pg-boss'),
  onlyImporter('packages/openid4vci/src/sphereon-oid4vci.ts', '@sphereon/oid4vci-issuer', '@sphereon/oid4vci-common'),
  onlyImporter('packages/openid4vp/src/sphereon-siop.ts', '@sphereon/did-auth-siop'),
]

/**
 * Checks sources against every rule.
 *
 * @returns one sentence a violation, `path: rule`; empty when the cuts hold
 */
export function checkBoundaries(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const code = withoutComments(text)
    const names = importedModules(code)
    return RULES.filter((rule) => rule.applies(path) && rule.breaks(path, names, code)).map(
      (rule) => `${path}: ${rule.name}`,
    )
  })
}

function importedModules(code: string): string[] {
  const pattern = /(?:^|[\s;])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/g
  return [...code.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

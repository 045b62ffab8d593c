import { isBuiltin } from 'node:module'
import { type Import, readImports, withoutComments } from './read-imports.ts'
import type { Source } from './sources.ts'

type Rule = {
  readonly name: string
  readonly applies: (path: string) => boolean
  /** Looks at the modules that the file imports, and at its text without comments. */
  readonly breaks: (file: { path: string; imports: readonly Import[]; code: string }) => boolean
}

/** Packages that touch the world: server, database, files, processes. All others are values in, values out. */
const KITS = ['http-kit', 'pg-kit', 'node-kit', 'sealing', 'pg-dev', 'test-kit', 'test-wallet']
const SERVICES = ['issuer', 'verifier', 'consent-registry', 'trust-anchor']
/** What of Node a protocol package may use: all of it computes, and knows nothing of the world. */
const CALCULATIONS = ['node:buffer', 'node:crypto', 'node:util', 'node:zlib']
const isTest = (path: string) => /\.(test|fixture)\.ts$/.test(path) || /^(services|packages)\/[^/]+\/test\//.test(path)
const isProject = (path: string) => path.startsWith('packages/') || path.startsWith('services/')
const isProtocolPackage = (path: string) =>
  path.startsWith('packages/') && !KITS.some((kit) => path.startsWith(`packages/${kit}/`)) && !isTest(path)
const isService = (path: string) => path.startsWith('services/') && !isTest(path)
const isUseCase = (path: string) => isService(path) && /\/src\/[^/]+\//.test(path) && !path.endsWith('.route.ts')
/** A route that runs a statement, whoever made it. */
const STATEMENT = /\.query\(|\.(one|maybe|many|run|transaction|forTenant)\(/
const isModule = (name: string, ...wanted: string[]) =>
  wanted.some((prefix) => name === prefix || name.startsWith(`${prefix}/`))
const imports = (all: readonly Import[], ...wanted: string[]) => all.some(({ name }) => isModule(name, ...wanted))
const AIR = [
  /(?<![.\w#/'"`])fetch\b(?!\s*[?:])|\bglobalThis\b|\bnew (WebSocket|EventSource|XMLHttpRequest)\b/,
  /\bDate\.now\b|\bnew Date\b(?!\s*\(\s*[^)\s])|[=(,]\s*Date\b\s*(?![.\s]|\w)(?=[;,)]|$)|\bperformance\b/m,
  /\bMath\.random\b|\}\s*=\s*Math\b/,
  /\bprocess\s*(\.|\[|\?\.)|=\s*process\b/,
]
/** Fetching, telling the time, drawing lots and reading the environment, in whatever spelling that tells no lie about itself. */
const takesFromTheAir = (code: string) => AIR.some((pattern) => pattern.test(code))

const onlyImporter = (owners: readonly string[], ...modules: string[]): Rule => ({
  name: `only ${owners.join(' and ')} import ${modules.join(', ')}`,
  applies: (path) => isProject(path) && !isTest(path) && !owners.some((owner) => path.startsWith(owner)),
  breaks: ({ imports: all }) => imports(all, ...modules),
})

/** The cuts that ARCHITECTURE.md draws, each as a rule that a file can break. */
export const RULES: readonly Rule[] = [
  {
    name: 'services meet only over HTTP: none imports another',
    applies: (path) => path.startsWith('services/'),
    breaks: ({ path, imports: all }) => {
      const own = path.split('/')[1] ?? ''
      const others = SERVICES.filter((service) => service !== own)
      const climbs = all.some(
        ({ name }) => name.startsWith('..') && others.some((other) => name.includes(`/${other}/`)),
      )
      return climbs || imports(all, ...others.map((other) => `@samen/${other}`))
    },
  },
  {
    name: 'a route never touches SQL',
    applies: (path) => path.endsWith('.route.ts') && path.startsWith('services/'),
    breaks: ({ imports: all, code }) =>
      all.some(({ name }) => name.endsWith('.sql.ts')) || holdsSql(code) || STATEMENT.test(code),
  },
  {
    name: 'a route opens no other route',
    applies: (path) => path.endsWith('.route.ts'),
    breaks: ({ imports: all }) => all.some(({ name }) => name.endsWith('.route.ts')),
  },
  {
    name: 'SQL text stands only in *.sql.ts',
    applies: (path) => isService(path) && !path.endsWith('.sql.ts'),
    breaks: ({ code }) => holdsSql(code),
  },
  {
    name: 'a statement is run by its own folder: others call the use case',
    applies: (path) => isService(path) && !/\/src\/[^/]+$/.test(path),
    breaks: ({ imports: all }) => all.some(({ name, isType }) => !isType && /^\.\.\/.*\.sql\.ts$/.test(name)),
  },
  {
    name: '*.sql.ts holds statements and decides nothing',
    applies: (path) => path.endsWith('.sql.ts') && !isTest(path),
    breaks: ({ code }) => /(?<![.\w])(if|switch|for|while)\s*\(|\bthrow\b/.test(withoutSql(code)),
  },
  {
    name: 'a use case does not know HTTP',
    applies: isUseCase,
    breaks: ({ imports: all }) => imports(all, 'fastify', '@fastify'),
  },
  {
    name: 'protocol packages know no server, database, network, file, clock or environment',
    applies: isProtocolPackage,
    breaks: ({ imports: all, code }) =>
      all.some(({ name }) => isBuiltin(name) && !CALCULATIONS.includes(name)) ||
      imports(all, '@samen/http-kit', '@samen/pg-kit', '@samen/node-kit') ||
      takesFromTheAir(code) ||
      /(?<![.\w])set(Timeout|Interval|Immediate)\b/.test(code),
  },
  {
    name: 'services take time, randomness, network and environment from Deps',
    applies: (path) => isService(path) && !/\/src\/(config|deps|main)\.ts$/.test(path),
    breaks: ({ imports: all, code }) =>
      takesFromTheAir(code) ||
      all.some(({ name, isType }) => !isType && isBuiltin(name) && isOuterWorld(name)) ||
      /\b(random(Bytes|Fill|FillSync|Int|UUID)|getRandomValues|webcrypto|pooledRandom|newSecret)\b/.test(code),
  },
  {
    name: 'what a file imports can be read in it',
    applies: (path) => isService(path) || isProtocolPackage(path),
    breaks: ({ code }) =>
      /\bimport\s*\(\s*(?!['"])/.test(code) || /\b(createRequire|getBuiltinModule|eval)\b|\bnew Function\b/.test(code),
  },
  {
    name: 'packages never import services, and nothing imports tests',
    applies: isProject,
    breaks: ({ path, imports: all }) =>
      all.some(({ name }) => name.startsWith('..') && name.includes('/services/')) ||
      (path.startsWith('packages/') && imports(all, ...SERVICES.map((service) => `@samen/${service}`))) ||
      (!isTest(path) && all.some(({ name }) => /(^|\/)tests?\//.test(name) || /\.(test|fixture)\.ts$/.test(name))),
  },
  {
    name: 'the test kit and the test wallet stay out of running services',
    applies: isService,
    breaks: ({ imports: all }) => imports(all, '@samen/test-kit', '@samen/test-wallet', '@samen/pg-dev'),
  },
  {
    name: 'another package is entered by its front door',
    applies: isProject,
    breaks: ({ imports: all }) =>
      all.some(({ name }) => /^@samen\/[^/]+\//.test(name) || /^(\.\.\/)+packages\//.test(name)),
  },
  onlyImporter(['packages/http-kit/'], 'fastify', '@fastify', 'pino', 'undici', 'ghtml', 'uqr', 'negotiator'),
  onlyImporter(['packages/pg-kit/', 'packages/pg-dev/', 'packages/test-kit/'], 'pg'),
  onlyImporter(['packages/pg-kit/'], 'pg-boss'),
  onlyImporter(['packages/openid4vci/src/sphereon-oid4vci.ts'], '@sphereon/oid4vci-issuer', '@sphereon/oid4vci-common'),
  onlyImporter(['packages/openid4vp/src/sphereon-siop.ts'], '@sphereon/did-auth-siop'),
]

/** Checks sources against every rule. Returns one sentence a violation, `path: rule`; none when the cuts hold. */
export function checkBoundaries(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const code = withoutComments(text)
    const file = { path, imports: readImports(code), code }
    return RULES.filter((rule) => rule.applies(path) && rule.breaks(file)).map((rule) => `${path}: ${rule.name}`)
  })
}

/** SQL by the tag, under whatever name it is imported, or as a text for the driver. */
function holdsSql(code: string): boolean {
  return /\bsql`|\.query\(\s*['"`]|import\s*(\{[^}]*\bsql\b[^}]*\}|\*[^;]*?)\s*from\s*'@samen\/pg-kit'/.test(code)
}

/** Modules with which a service would get at network, processes or the environment past its `Deps`. */
function isOuterWorld(name: string): boolean {
  return /^(node:)?(process|http|https|http2|net|tls|dgram|dns|child_process|cluster)(\/|$)/.test(name)
}

/** `for update` is SQL. */
function withoutSql(code: string): string {
  return code.replaceAll(/\bsql`(?:[^`\\]|\\.)*`/g, '')
}

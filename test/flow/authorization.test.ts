import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { routes } from '#infra/topology.ts'
import type { Operation } from '#shared/contracts/operation.ts'
import { type Scope, scopes } from '#shared/contracts/scopes.ts'
import type { RefusalCode } from '#shared/domain/errors.ts'
import { namedIds, type Side, sideOf } from '#test/support/api-side.ts'
import {
  askOperation,
  everyOperation,
  type OperationId,
  standStill,
  type Wanted,
} from '#test/support/operations.ts'
import { type Answer, type Flow, startFlow } from '#test/support/stack.ts'
import { openSigner, type SignToken } from '#test/support/tokens.ts'
import type { Verdict } from './rows/authorization/row.ts'
import { authorization } from './rows/authorization.ts'
import { openRoutes } from './rows/open-routes.ts'

/** Granted: what the row says. Stranger: whose tenant is another one than that of the things named. */
type Right = 'granted' | 'stranger' | Verdict

interface Principal {
  readonly right: Right
  readonly token: (sign: SignToken, needed: Scope) => Promise<string> | string | null
}

const allBut = (needed: Scope) => scopes.filter((scope) => scope !== needed && scope !== 'admin')
const unknown = { status: 403, code: 'client-unknown' } as const
const anHourAgo = () => Math.floor(Date.now() / 1000) - 3600

/** Functions that still know it read the cursor first; those that loaded again refuse it at once. */
const stoppedClient = 'a client disabled just now'

const principals: Readonly<Record<string, Principal>> = {
  'every scope': { right: 'granted', token: (sign) => sign() },
  'the needed scope': { right: 'granted', token: (sign, needed) => sign({ scopes: [needed] }) },
  admin: { right: 'granted', token: (sign) => sign({ scopes: ['admin'] }) },
  "another tenant's client": {
    right: 'stranger',
    token: (sign) => sign({ client: 'clinica-horizonte' }),
  },
  'every scope but the needed one': {
    right: { status: 403 },
    token: (sign, needed) => sign({ scopes: allBut(needed) }),
  },
  'no scope': { right: { status: 403 }, token: (sign) => sign({ scopes: [] }) },
  'no token': { right: { status: 401 }, token: () => null },
  'no token but words': { right: { status: 401 }, token: () => 'not.a.token' },
  'another issuer': {
    right: { status: 401 },
    token: (sign) => sign({ issuer: 'http://127.0.0.1:1' }),
  },
  'another key': { right: { status: 401 }, token: (sign) => sign({ isForged: true }) },
  'an expired token': { right: { status: 401 }, token: (sign) => sign({ expiresAt: anHourAgo() }) },
  'another audience': {
    right: { status: 401 },
    token: (sign) => sign({ audience: 'elsewhere' }),
  },
  'a client that nobody registered': {
    right: unknown,
    token: (sign) => sign({ client: 'nobody' }),
  },
  'a client of another issuer': { right: unknown, token: (sign) => sign({ client: 'elsewhere' }) },
  'a client disabled long ago': { right: unknown, token: (sign) => sign({ client: 'disabled' }) },
  [stoppedClient]: { right: unknown, token: (sign) => sign({ client: 'stopped' }) },
}

/** A request, and what it is answered to somebody who may ask. */
interface Case {
  readonly name: string
  readonly make: () => Promise<Wanted>
  readonly granted: Verdict
}

/** A busy machine warms every function and asks for every operation in this time. */
const mostBootMs = 240_000

const nobodys = ['999999999999', '00000000-0000-4000-8000-000000000000', 'nobody', 'xx']

describe('who may do what to whose', () => {
  let flow: Flow
  let directory: string
  let sign: SignToken
  let own: Side
  let other: Side
  let cells = 0

  beforeAll(async () => {
    // A kept folder holds the issuer's key, so that any token can be signed.
    directory = await mkdtemp(join(tmpdir(), 'recado-authorization-'))
    // PostgreSQL runs as another user when this process is root.
    await chmod(directory, 0o711)
    flow = await startFlow({ directory })
    const { token, otherTenantToken, issuer } = flow.stack.ready
    sign = await openSigner(directory, issuer)
    own = sideOf(flow, token)
    other = sideOf(flow, otherTenantToken)
    await addClients()
    await standStill(flow)
    await stopClient()
  }, mostBootMs)
  afterAll(async () => {
    await flow?.stop()
    await rm(directory, { recursive: true, force: true })
    process.stdout.write(`authorization: ${cells} cells\n`)
  })

  /** Before any function has loaded its directory. */
  async function addClients() {
    const { issuer } = flow.stack.ready
    await flow.rows(
      `insert into clients (tenant_id, issuer, oidc_client_id, disabled_at)
       select c.tenant_id, v.issuer, v.client, v.disabled_at
       from clients c, (values ($2, 'stopped', null), ($2, 'disabled', now()),
         ('https://elsewhere.example', 'elsewhere', null)) v (issuer, client, disabled_at)
       where c.oidc_client_id = $1`,
      [demoTenant.clientId, issuer],
    )
  }

  /** Once every function knows the client. */
  async function stopClient() {
    const token = await sign({ client: 'stopped' })
    for (const [id, operation] of everyOperation) {
      const wanted = await authorization[id].request(own)
      const { status } = await askOperation(flow, operation, { token, wanted })
      expect({ id, status }).toEqual({ id, status: authorization[id].answers })
    }
    await flow.rows(`update clients set disabled_at = now() where oidc_client_id = 'stopped'`)
  }

  /** Ids in the path. */
  function pathCases(id: OperationId, { params = {} }: Operation): readonly Case[] {
    const { request, notFound = {}, plain = [], makes = [] } = authorization[id]
    const named = Object.entries(params).filter(([name]) => ![...plain, ...makes].includes(name))
    return named.flatMap(([name, param]) => {
      const granted = { status: 404, code: notFound[name] ?? param.notFound }
      const replaced = async (value: string | undefined) => {
        const wanted = await request(own)
        return { ...wanted, params: { ...wanted.params, [name]: String(value) } }
      }
      return [
        {
          name: `another tenant's ${name}`,
          make: async () => replaced((await request(other)).params?.[name]),
          granted,
        },
        {
          name: `nobody's ${name}`,
          make: () => replaced(nobodys.find((value) => param.schema.safeParse(value).success)),
          granted,
        },
      ]
    })
  }

  /** Ids in query and body. */
  function idCases(id: OperationId): readonly Case[] {
    const { request, answers, ids = {} } = authorization[id]
    return Object.entries(ids).flatMap(([name, row]) => {
      const from = (side: Side) => async () => {
        const wanted = await request(own)
        const model = side === own ? wanted : await request(side)
        return row.put(wanted, await row.of(side, model))
      }
      const nobodysId = row.nobodys ?? (() => nobodys[0] ?? '')
      return [
        { name: `own ${name}`, make: from(own), granted: row.own ?? { status: answers } },
        { name: `another tenant's ${name}`, make: from(other), granted: row.foreign },
        {
          name: `nobody's ${name}`,
          make: async () => row.put(await request(own), nobodysId()),
          granted: row.foreign,
        },
      ]
    })
  }

  /** A key is its client's own: it says nothing of what another tenant did with it. */
  function keyCases(id: OperationId, operation: Operation): readonly Case[] {
    const { request, answers } = authorization[id]
    if (operation.idempotent !== true) return []
    const make = async () => {
      const key = crypto.randomUUID()
      const theirs = { ...(await request(other)), headers: { 'idempotency-key': key } }
      const { status } = await askOperation(flow, operation, { token: other.token, wanted: theirs })
      expect(status).toBe(answers)
      const wanted = await request(own)
      return { ...wanted, headers: { ...wanted.headers, 'idempotency-key': key } }
    }
    return [{ name: "another tenant's Idempotency-Key", make, granted: { status: answers } }]
  }

  function casesOf(id: OperationId, operation: Operation): readonly Case[] {
    const { request, answers } = authorization[id]
    return [
      { name: 'own', make: () => request(own), granted: { status: answers } },
      ...pathCases(id, operation),
      ...idCases(id),
      ...keyCases(id, operation),
    ]
  }

  /** Whoever is of another tenant finds nothing of what the path names. */
  function strangerVerdict(id: OperationId, { params = {} }: Operation): Verdict {
    const { answers, notFound = {}, plain = [], makes = [], stranger } = authorization[id]
    const [first] = Object.entries(params).filter(([name]) => ![...plain, ...makes].includes(name))
    if (first === undefined) return stranger ?? { status: answers }
    return { status: 404, code: notFound[first[0]] ?? first[1].notFound }
  }

  async function tried(
    operation: Operation,
    { principal, wanted }: { principal: Principal; wanted: Wanted },
  ): Promise<Answer> {
    cells += 1
    const token = await principal.token(sign, operation.scope)
    const answer = await askOperation(flow, operation, { token, wanted })
    const side = principal.right === 'stranger' ? other : own
    expect(foreignIds(answer, side === own ? other : own)).toEqual([])
    if (answer.status < 300) namedIds(answer.json, side.ids as Map<string, Set<string>>)
    return answer
  }

  /** Every cell of a case: whom it is refused leaves no trace, whom it is granted gets it. */
  async function tryCase(id: OperationId, operation: Operation, { name, make, granted }: Case) {
    const seen: Record<string, Verdict> = {}
    const expected: Record<string, Verdict> = {}
    const shared = await make()
    const before = await flow.countRows()
    const rights = Object.entries(principals).filter(
      ([who, { right }]) =>
        (right !== 'stranger' || name === 'own') &&
        (who !== stoppedClient || granted.code !== 'invalid-cursor'),
    )
    const isRefused = (verdict: Verdict) => verdict.status >= 400
    const wantedOf = ({ right }: Principal): Verdict => {
      if (right === 'granted') return granted
      return right === 'stranger' ? strangerVerdict(id, operation) : right
    }
    for (const [who, principal] of rights.filter(([, each]) => isRefused(wantedOf(each)))) {
      expected[who] = wantedOf(principal)
      seen[who] = verdictOf(await tried(operation, { principal, wanted: shared }))
    }
    expect(await flow.countRows(), `${id}, ${name}`).toEqual(before)
    for (const [who, principal] of rights.filter(([, each]) => !isRefused(wantedOf(each)))) {
      const wanted = principal.right === 'stranger' ? shared : await make()
      expected[who] = wantedOf(principal)
      seen[who] = verdictOf(await tried(operation, { principal, wanted }))
    }
    expect({ id, name, seen }).toEqual({ id, name, seen: expected })
  }

  it.each(everyOperation)(
    '%s',
    async (id, operation) => {
      for (const each of casesOf(id, operation)) await tryCase(id, operation, each)
    },
    mostBootMs,
  )

  it(
    "another tenant's and nobody's are answered with the same words",
    async () => {
      const words = ({ json = {}, status }: Answer) => {
        const { requestId: _request, traceId: _trace, ...rest } = json
        return { status, ...rest }
      }
      let compared = 0
      for (const [id, operation] of everyOperation) {
        const cases = [...pathCases(id, operation), ...idCases(id)]
        for (const theirs of cases.filter(({ name }) => name.startsWith("another tenant's"))) {
          const nobodysName = theirs.name.replace("another tenant's", "nobody's")
          const none = cases.find(({ name }) => name === nobodysName)
          if (none === undefined || theirs.granted.status < 400) continue
          const token = own.token
          const [first, second] = await Promise.all(
            [theirs, none].map(async ({ make }) =>
              askOperation(flow, operation, { token, wanted: await make() }),
            ),
          )
          expect(first && words(first), `${id}: ${theirs.name}`).toEqual(second && words(second))
          compared += 1
        }
      }
      expect(compared).toBeGreaterThan(10)
    },
    mostBootMs,
  )

  describe('routes without a token of ours', () => {
    const open = routes.filter(({ scope }) => scope === undefined)

    it('each of them has its row', () => {
      expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
        Object.keys(openRoutes).sort(),
      )
    })

    it.each(Object.entries(openRoutes))('%s', async (_, row) => {
      for (const [name, { ask, status }] of Object.entries(row)) {
        for (const [who, { token }] of Object.entries(principals)) {
          cells += 1
          const answer = await ask(flow, await token(sign, 'admin'))
          expect({ name, who, status: answer.status }).toEqual({ name, who, status })
        }
      }
    })
  })
})

/** Ids in an answer that the other tenant has got. */
function foreignIds({ json }: Answer, { ids }: Side): readonly string[] {
  return [...namedIds(json)].flatMap(([name, values]) =>
    [...values].filter((value) => ids.get(name)?.has(value) === true).map((id) => `${name} ${id}`),
  )
}

/** A batch and a check answer 200 with the problem inside. */
interface Told {
  readonly code?: RefusalCode
  readonly problem?: { readonly code: RefusalCode } | null
  readonly items?: readonly { readonly problem?: { readonly code: RefusalCode } }[]
}

function verdictOf({ status, json = {} }: Answer): Verdict {
  const told = json as Told
  const code = told.code ?? told.problem?.code ?? told.items?.[0]?.problem?.code
  return { status, ...(code !== undefined && { code }) }
}

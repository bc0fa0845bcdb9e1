import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import type { Operation } from '#shared/contracts/operation.ts'
import { type Side, sideOf } from '#test/support/api-side.ts'
import {
  askOperation,
  everyOperation,
  type OperationId,
  standStill,
  type Wanted,
} from '#test/support/operations.ts'
import { type Answer, type Flow, startFlow } from '#test/support/stack.ts'
import { openSigner } from '#test/support/tokens.ts'
import { authorization } from './rows/authorization.ts'

/** Operations that make more than one call of the database, and why. */
const moreCalls: Partial<Record<OperationId, number>> = {
  // The bytes are looked at between what is read of the file and what is written of it.
  completeMedia: 2,
}

const mostBootMs = 240_000

/** Of the client that asks; so little comes back that none does during a test. */
const limits = { burst: 10, ratePerSecond: 0.001 }
const client = 'limited'
const full = { policy: '"client";q=10;w=10000' }
const nobodys = ['999999999999', '00000000-0000-4000-8000-000000000000', 'nobody']

/** What holds for all of them, on requests that the matrix of rights knows to be good. */
describe('every operation', () => {
  let flow: Flow
  let directory: string
  /** Makes what is asked about, as another client of the same tenant. */
  let side: Side
  let token: string

  beforeAll(async () => {
    // A kept folder holds the issuer's key, so that any token can be signed.
    directory = await mkdtemp(join(tmpdir(), 'recado-operations-'))
    // PostgreSQL runs as another user when this process is root.
    await chmod(directory, 0o711)
    flow = await startFlow({ directory })
    const { issuer, token: everything } = flow.stack.ready
    token = await (await openSigner(directory, issuer))({ client })
    side = sideOf(flow, everything)
    await flow.rows(
      `insert into clients (tenant_id, issuer, oidc_client_id, rate_per_second, burst)
       select tenant_id, issuer, $2, $3, $4 from clients where oidc_client_id = $1`,
      [demoTenant.clientId, client, limits.ratePerSecond, limits.burst],
    )
    await standStill(flow)
  }, mostBootMs)
  afterAll(async () => {
    await flow?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const asked = (operation: Operation, wanted: Wanted) =>
    askOperation(flow, operation, { token, wanted })

  async function fill(tokens: number) {
    await flow.rows(
      'update clients set tokens = $2, tokens_at = clock_timestamp() where oidc_client_id = $1',
      [client, tokens],
    )
  }
  async function tokensLeft() {
    const [row] = await flow.rows(
      'select floor(tokens) as left from clients where oidc_client_id = $1',
      [client],
    )
    return Number(row?.left)
  }
  const quota = ({ headers }: Answer) => ({
    policy: headers.get('ratelimit-policy'),
    left: headers.get('ratelimit'),
  })

  it.each(everyOperation)(
    '%s makes one database call once its function is warm',
    async (id, operation) => {
      const { request, answers } = authorization[id]
      await fill(limits.burst)
      expect((await asked(operation, await request(side))).status).toBe(answers)
      const wanted = await request(side)
      flow.stack.dataApi?.resetCalls()
      expect((await asked(operation, wanted)).status).toBe(answers)
      expect(flow.stack.dataApi?.calls().map(({ sql }) => sql)).toHaveLength(moreCalls[id] ?? 1)
    },
  )

  it.each(everyOperation)('%s takes one token and tells what is left', async (id, operation) => {
    const { request, answers } = authorization[id]
    const wanted = await request(side)
    await fill(limits.burst)
    const answer = await asked(operation, wanted)
    expect(answer.status).toBe(answers)
    expect(quota(answer)).toEqual({ ...full, left: '"client";r=9;t=1000' })
    expect(await tokensLeft()).toBe(9)
  })

  it.each(everyOperation)('%s waits for the next token', async (id, operation) => {
    const wanted = await authorization[id].request(side)
    await fill(0)
    const before = await flow.countRows()
    const answer = await asked(operation, wanted)
    expect(answer).toMatchObject({ status: 429, json: { code: 'rate-limited', retryable: true } })
    expect(quota(answer)).toEqual({ ...full, left: '"client";r=0;t=10000' })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(1000)
    expect(await flow.countRows()).toEqual(before)
  })

  it.each(everyOperation.filter(([id, { params = {} }]) => namesIn(id, params).length > 0))(
    '%s takes a token for what is not there, and none for what cannot be',
    async (id, operation) => {
      const wanted = await authorization[id].request(side)
      const named = (value: string | undefined) => ({
        ...wanted,
        params: { ...wanted.params, [first]: String(value) },
      })
      const [[first, { schema }] = ['', { schema: undefined }]] = Object.entries(
        operation.params ?? {},
      )
      await fill(limits.burst)
      const missing = await asked(
        operation,
        named(nobodys.find((id) => schema?.safeParse(id).success)),
      )
      expect(missing.status).toBe(404)
      expect(quota(missing)).toEqual({ ...full, left: '"client";r=9;t=1000' })
      const impossible = await asked(operation, named('\u0007'))
      expect(impossible.status).toBe(404)
      expect(quota(impossible)).toEqual({ policy: null, left: null })
      expect(await tokensLeft()).toBe(9)
    },
  )

  it.each(everyOperation.filter(([, { idempotent }]) => idempotent === true))(
    '%s answers a known key again when no token is left',
    async (id, operation) => {
      const { request, answers } = authorization[id]
      const wanted = {
        ...(await request(side)),
        headers: { 'idempotency-key': crypto.randomUUID() },
      }
      await fill(1)
      const first = await asked(operation, wanted)
      expect(first.status).toBe(answers)
      expect(await tokensLeft()).toBe(0)
      const again = await asked(operation, wanted)
      expect(again.status).toBe(answers)
      expect(withoutAddress(again)).toEqual(withoutAddress(first))
      expect(quota(again)).toEqual({ ...full, left: '"client";r=0;t=10000' })
      const another = await asked(operation, await request(side))
      expect(another).toMatchObject({ status: 429, json: { code: 'rate-limited' } })
    },
  )

  it('a limit that was changed holds for the next request', async () => {
    await flow.rows(
      'update clients set burst = 5, tokens = 5, rate_per_second = 2.5 where oidc_client_id = $1',
      [client],
    )
    const answer = await flow.ask('GET /chats', { token })
    expect(quota(answer)).toEqual({
      policy: '"client";q=5;w=2',
      left: '"client";r=4;t=1',
    })
  })
})

/** What a path names, unless it is made by that. */
function namesIn(id: OperationId, params: object): readonly string[] {
  return Object.keys(params).filter((name) => !authorization[id].makes?.includes(name))
}

/** An upload's address is signed anew; all the rest is the first answer. */
function withoutAddress({ json = {} }: Answer) {
  const { upload: _, ...rest } = json
  return rest
}

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import type { Operation } from '#shared/contracts/operation.ts'
import { type Side, sideOf } from '#test/support/api-side.ts'
import { askOperation, everyOperation, standStill, type Wanted } from '#test/support/operations.ts'
import { type Flow, startFlow } from '#test/support/stack.ts'
import { freshPhone } from '#test/support/stores-world.ts'
import { openSigner } from '#test/support/tokens.ts'
import { authorization } from './rows/authorization.ts'

const mostBootMs = 240_000
const client = 'audited'

interface Entry {
  readonly action: string
  readonly outcome: string
  readonly purpose: string
  readonly request_id: string
  readonly objects: Readonly<Record<string, readonly string[]>>
  readonly person_ids: readonly string[]
}

/** What an id in a path or an answer is an id of. */
const kinds: Readonly<Record<string, string>> = {
  chatId: 'chat',
  messageId: 'message',
  personId: 'person',
  mediaId: 'media',
  suppressionId: 'suppression',
  subscriptionId: 'subscription',
  movementId: 'movement',
  installmentId: 'installment',
}

/** Ids that a request names in path and query and its answer tells, by what they are ids of. */
function idsIn(wanted: Wanted, json: unknown): ReadonlyMap<string, ReadonlySet<string>> {
  const { items, messages, ...own } = (json ?? {}) as Readonly<Record<string, unknown>>
  const things = [wanted.params, wanted.query, own, ...[items, messages].flat()]
  const found = new Map<string, Set<string>>()
  for (const [name, id] of things.flatMap((thing) => Object.entries(thing ?? {}))) {
    const kind = kinds[name]
    if (kind !== undefined && typeof id === 'string') {
      found.set(kind, (found.get(kind) ?? new Set()).add(id))
    }
  }
  return found
}

/** Persons are named by their own column too. */
const idsOf = ({ objects, person_ids }: Entry, kind: string) =>
  new Set([...(objects[kind] ?? []), ...(kind === 'person' ? person_ids : [])])

/** On requests that the matrix of rights knows to be good. */
describe('the audit of every operation', () => {
  let flow: Flow
  let directory: string
  let side: Side
  let token: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recado-audit-'))
    // PostgreSQL runs as another user when this process is root.
    await chmod(directory, 0o711)
    flow = await startFlow({ directory })
    const { issuer, token: everything } = flow.stack.ready
    token = await (await openSigner(directory, issuer))({ client })
    side = sideOf(flow, everything)
    await flow.rows(
      `insert into clients (tenant_id, issuer, oidc_client_id, rate_per_second, burst)
       select tenant_id, issuer, $2, 1000, 10000 from clients where oidc_client_id = $1`,
      [demoTenant.clientId, client],
    )
    await standStill(flow)
    // An empty list would show nothing of anybody.
    await flow.ask('POST /suppressions', { body: { channel: 'WHATSAPP', address: freshPhone() } })
  }, mostBootMs)
  afterAll(async () => {
    await flow?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const asked = (operation: Operation, wanted: Wanted) =>
    askOperation(flow, operation, {
      token,
      wanted: { ...wanted, headers: { 'recado-purpose': 'support', ...wanted.headers } },
    })
  const entries = () =>
    flow.rows(
      `select e.action, e.outcome, e.purpose, e.request_id, e.objects, e.person_ids
       from audit_entries e join clients c on c.client_id::text = e.actor
         and c.tenant_id = e.tenant_id and e.actor_kind = 'client'
       where c.oidc_client_id = $1 order by e.audit_id`,
      [client],
    ) as Promise<unknown> as Promise<readonly Entry[]>
  async function leftBy(work: () => Promise<unknown>): Promise<readonly Entry[]> {
    const before = await entries()
    await work()
    return (await entries()).slice(before.length)
  }

  it.each(everyOperation)(
    '%s leaves what it declares, and names what it showed',
    async (id, operation) => {
      const { request, answers } = authorization[id]
      const wanted = await request(side)
      const before = (await entries()).length
      const answer = await asked(operation, wanted)
      expect(answer.status).toBe(answers)
      const [left, ...more] = (await entries()).slice(before)
      expect(more).toEqual([])
      if (typeof operation.audit !== 'string') return expect(left).toBeUndefined()
      if (left === undefined) throw new Error('nothing was left')
      const requestId = answer.headers.get('apigw-requestid')
      expect(left).toMatchObject({ action: id, purpose: 'support', request_id: requestId })
      const named = idsIn(wanted, answer.json)
      for (const [kind, ids] of named) expect(idsOf(left, kind), kind).toEqual(ids)
      expect(left.person_ids.length > 0).toBe(
        ['chat', 'person', 'movement', 'installment'].some((kind) => named.has(kind)),
      )
    },
  )

  it.each(everyOperation.filter(([, { audit }]) => typeof audit === 'string'))(
    '%s leaves nothing when no token is left',
    async (id, operation) => {
      const wanted = await authorization[id].request(side)
      await flow.rows(
        'update clients set tokens = 0, rate_per_second = 0.001, tokens_at = clock_timestamp() where oidc_client_id = $1',
        [client],
      )
      const left = await leftBy(async () => {
        expect((await asked(operation, wanted)).status).toBe(429)
      })
      await flow.rows(
        'update clients set tokens = 1000, rate_per_second = 1000 where oidc_client_id = $1',
        [client],
      )
      expect(left).toEqual([])
    },
  )

  it.each(everyOperation.filter(([, { audit, idempotent }]) => audit === 'writes' && idempotent))(
    '%s leaves a row for each time that its answer is given',
    async (id, operation) => {
      const wanted = {
        ...(await authorization[id].request(side)),
        headers: { 'idempotency-key': crypto.randomUUID() },
      }
      const left = await leftBy(async () => {
        await asked(operation, wanted)
        await asked(operation, wanted)
      })
      expect(left).toHaveLength(2)
      expect(left[1]?.objects).toEqual(left[0]?.objects)
    },
  )

  it('says that the purpose is unspecified when nothing is said, and refuses what is no code', async () => {
    const chat = await side.chat()
    const left = await leftBy(() => flow.ask('GET /chats?limit=1', { token }))
    expect(left).toMatchObject([{ action: 'listChats', purpose: 'unspecified' }])
    expect(left[0]?.objects.chat).toHaveLength(1)
    const wrong = await flow.ask('GET /chats', {
      token,
      headers: { 'recado-purpose': 'Ana pediu' },
    })
    expect(wrong).toMatchObject({ status: 422, json: { code: 'invalid-purpose' } })
    // A precondition comes after all that is wrong with the request itself.
    const stale = await flow.ask(`PATCH /chats/${chat.chatId}`, {
      body: { status: 'CLOSED' },
      headers: { 'recado-purpose': 'Not a purpose', 'if-match': '"stale"' },
    })
    expect(stale).toMatchObject({ status: 422, json: { code: 'invalid-purpose' } })
  })

  it('keeps that a change was refused, and why', async () => {
    const { chatId, personId } = await side.chat()
    const left = await leftBy(() =>
      flow.ask(`POST /chats/${chatId}/messages/999999/cancel`, { token }),
    )
    expect(left).toMatchObject([
      {
        action: 'cancelMessage',
        outcome: 'message-not-found',
        objects: { chat: [chatId], message: ['999999'] },
        person_ids: [personId],
      },
    ])
  })

  it('keeps nothing of what was not found', async () => {
    const left = await leftBy(async () => {
      expect((await flow.ask('GET /chats/999999', { token })).status).toBe(404)
    })
    expect(left).toEqual([])
  })
})

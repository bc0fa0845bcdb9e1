import { createHash } from 'node:crypto'
import { KMSClient } from '@aws-sdk/client-kms'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Kms, startKms } from '#infra/local/kms.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import type { Directory, Tenant } from '#shared/ports/directory.ts'
import type { Cell, TenantSealer } from '#shared/ports/sealer.ts'

const minute = 60_000
const uuid = () => crypto.randomUUID()

describe('sealing', () => {
  let kms: Kms
  let client: KMSClient
  let now = 0
  const clock = { now: () => now }
  const tenants = new Map<string, Tenant>()

  beforeAll(async () => {
    kms = await startKms({ port: 0 })
    client = new KMSClient({
      endpoint: kms.url,
      region: 'sa-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
    await addTenant('1', [1])
    await addTenant('2', [1])
  })
  afterAll(async () => {
    client.destroy()
    await kms.close()
  })
  beforeEach(() => kms.resetCalls())

  const dataKeys = () => makeKmsDataKeys(client, kms.keyArn)
  const directory: Pick<Directory, 'tenant'> = { tenant: async (id) => tenants.get(id) }
  const sealers = () => makeSealer(directory as Directory, makeTenantKeys(dataKeys()), clock)
  const cell = (more: Partial<Cell> = {}): Cell => ({
    table: 'persons',
    column: 'name',
    rowToken: uuid(),
    ...more,
  })

  async function addTenant(tenantId: string, epochs: readonly number[]) {
    const keys = makeTenantKeys(dataKeys())
    const known = tenants.get(tenantId)
    const made = epochs.map(async (epoch) => ({
      epoch,
      wrapped: await keys.create(tenantId, `data:${epoch}`),
    }))
    tenants.set(tenantId, {
      tenantId,
      timeZone: 'America/Sao_Paulo',
      wrappedIndexKey: known?.wrappedIndexKey ?? (await keys.create(tenantId, 'index')),
      dataKeys: [...(await Promise.all(made)), ...(known?.dataKeys ?? [])],
    })
  }

  describe('cells', () => {
    let one: TenantSealer
    let other: TenantSealer

    beforeAll(async () => {
      const sealer = sealers()
      one = await sealer.forTenant('1')
      other = await sealer.forTenant('2')
    })

    it('open where they were sealed, with any text', () => {
      void fc.assert(
        fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (plaintext) => {
          const place = cell()
          expect(one.open(place, one.seal(place, plaintext))).toBe(plaintext)
        }),
      )
    })

    it('10,000 that were swapped with another place all refuse', () => {
      const places = fc.record({
        table: fc.constantFrom('persons', 'chat_messages', 'contact_identities'),
        column: fc.constantFrom('name', 'content', 'value', 'external_id'),
        rowToken: fc.constantFrom(...Array.from({ length: 8 }, uuid)),
        tenant: fc.boolean(),
      })
      let swaps = 0
      void fc.assert(
        fc.property(places, places, (from, to) => {
          fc.pre(JSON.stringify(from) !== JSON.stringify(to))
          swaps += 1
          const sealed = (from.tenant ? one : other).seal(from, 'Ana Lima')
          expect(() => (to.tenant ? one : other).open(to, sealed)).toThrow()
        }),
        { numRuns: 10_000 },
      )
      expect(swaps).toBeGreaterThanOrEqual(10_000)
    })

    it('with any one bit changed refuse', () => {
      const place = cell()
      const sealed = one.seal(place, 'Ana')
      for (let bit = 0; bit < sealed.length * 8; bit += 1) {
        const bent = Uint8Array.from(sealed)
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => one.open(place, bent), `bit ${bit}`).toThrow()
      }
    })

    it('cut short or empty refuse', () => {
      const place = cell()
      const sealed = one.seal(place, 'Ana')
      for (let length = 0; length < sealed.length; length += 1) {
        expect(() => one.open(place, sealed.subarray(0, length))).toThrow()
      }
    })

    it('differ each time and show nothing of the text', () => {
      const place = cell()
      const [first, second] = [one.seal(place, 'Ana Lima'), one.seal(place, 'Ana Lima')]
      expect(Buffer.from(first)).not.toEqual(Buffer.from(second))
      expect(Buffer.from(first).includes('Ana')).toBe(false)
    })

    it('hash equal for equal values only, apart by purpose and tenant', () => {
      void fc.assert(
        fc.property(fc.string(), fc.string(), (left, right) => {
          const same = Buffer.from(one.hash('phone', left)).equals(one.hash('phone', right))
          expect(same).toBe(left === right)
        }),
      )
      const hash = Buffer.from(one.hash('phone', '+5511987654321'))
      expect(hash).toHaveLength(32)
      expect(hash.equals(one.hash('email', '+5511987654321'))).toBe(false)
      expect(hash.equals(other.hash('phone', '+5511987654321'))).toBe(false)
      expect(hash.equals(createHash('sha256').update('+5511987654321').digest())).toBe(false)
    })
  })

  describe('keys', () => {
    it('are unwrapped once per tenant and epoch, for all who ask at once', async () => {
      const sealer = sealers()
      await Promise.all(Array.from({ length: 50 }, () => sealer.forTenant('1')))
      // One data key and the index key.
      expect(kms.calls()).toEqual({ Decrypt: 2 })
      await Promise.all([sealer.forTenant('1'), sealer.forTenant('2')])
      expect(kms.calls()).toEqual({ Decrypt: 4 })
      now += 5 * minute
      await sealer.forTenant('1')
      expect(kms.calls()).toEqual({ Decrypt: 6 })
    })

    it('of an older epoch stay readable; the newest one seals', async () => {
      await addTenant('3', [1])
      const place = cell()
      const old = (await sealers().forTenant('3')).seal(place, 'antes')
      await addTenant('3', [2])
      kms.resetCalls()
      const sealer = await sealers().forTenant('3')
      expect(kms.calls()).toEqual({ Decrypt: 3 })
      expect(sealer.open(place, old)).toBe('antes')
      const fresh = sealer.seal(place, 'depois')
      expect(Buffer.from(fresh).readUInt16BE(1)).toBe(2)
      expect(sealer.open(place, fresh)).toBe('depois')
    })

    it('of another tenant do not unwrap', async () => {
      const stolen = tenants.get('1')
      if (stolen === undefined) throw new Error('no tenant 1')
      tenants.set('9', { ...stolen, tenantId: '9' })
      await expect(sealers().forTenant('9')).rejects.toThrow()
    })

    it('are asked for again after a failure', async () => {
      const sealer = sealers()
      kms.fail({ kind: 'internal', count: 2 })
      await expect(sealer.forTenant('1')).rejects.toThrow()
      kms.clearFaults()
      await expect(sealer.forTenant('1')).resolves.toBeDefined()
    })

    it('of nobody are no keys', async () => {
      await expect(sealers().forTenant('404')).rejects.toThrow('tenant 404 has no keys')
    })
  })

  describe('transit envelopes', () => {
    const place = 'WEBHOOK_EVENT'

    it('open in their own place only', async () => {
      const transit = makeTransitSealer(dataKeys(), clock)
      const sealed = await transit.seal('parked_items|1|a', 'texto')
      await expect(transit.open('parked_items|2|a', sealed)).rejects.toThrow()
      expect(await transit.open('parked_items|1|a', sealed)).toBe('texto')
    })

    it('open elsewhere, with one KMS call per direction', async () => {
      const [door, processor] = [1, 2].map(() => makeTransitSealer(dataKeys(), clock))
      const texts = Array.from({ length: 20 }, (_, index) => `[{"text":"olá ${index}"}]`)
      const sealed = await Promise.all(texts.map((each) => door?.seal(place, each)))
      expect(kms.calls()).toEqual({ GenerateDataKey: 1 })
      const opened = await Promise.all(sealed.map((each) => processor?.open(place, each ?? '')))
      expect(opened).toEqual(texts)
      expect(kms.calls()).toEqual({ GenerateDataKey: 1, Decrypt: 1 })
      const [, cellText = ''] = sealed[0]?.split('.') ?? []
      expect(Buffer.from(cellText, 'base64').includes('text')).toBe(false)
    })

    it('take a new key after 5 minutes, and open those of the old one', async () => {
      const transit = makeTransitSealer(dataKeys(), clock)
      const before = await transit.seal(place, 'antes')
      now += 5 * minute
      const after = await transit.seal(place, 'depois')
      expect(before.split('.')[0]).not.toBe(after.split('.')[0])
      expect(await transit.open(place, before)).toBe('antes')
      expect(await transit.open(place, after)).toBe('depois')
    })

    it('refuse what is bent, foreign or no envelope', async () => {
      const transit = makeTransitSealer(dataKeys(), clock)
      const [key = '', body = ''] = (await transit.seal(place, 'texto')).split('.')
      const [otherKey = ''] = (await makeTransitSealer(dataKeys(), clock).seal(place, 'x')).split(
        '.',
      )
      const flipped = Buffer.from(body, 'base64')
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
      for (const bad of [
        '',
        key,
        `${key}.`,
        `.${body}`,
        `${key}.${body}.x`,
        `${otherKey}.${body}`,
        `${body}.${key}`,
        `${key}.${flipped.toString('base64')}`,
      ]) {
        await expect(transit.open(place, bad), bad.slice(0, 20)).rejects.toThrow()
      }
    })
  })
})

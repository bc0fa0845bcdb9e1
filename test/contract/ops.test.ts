import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portBlock } from '#infra/local/ports.ts'
import { defaultPort } from '#infra/local/settings.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { functionsSecretArn, type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

const root = join(import.meta.dirname, '../..')
const issuer = 'https://login.example.com'

let world: OpsWorld
let kms: OpsWorld['kms']
let api: OpsWorld['api']

beforeAll(async () => {
  world = await openOpsWorld()
  ;({ kms, api } = world)
})
afterAll(() => world.close())

const ops: OpsWorld['ops'] = (command, change) => world.ops(command, change)
const added = (command: string) => world.added(command)
const addTenant = (name: string) => world.addTenant(name)

describe('ops adds what only operators may add', () => {
  it('makes a tenant whose keys seal and open', async () => {
    const tenantId = await addTenant('Escola')
    const keys = makeTenantKeys(
      makeKmsDataKeys(
        new KMSClient({
          endpoint: kms.url,
          region: 'sa-east-1',
          credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        }),
        kms.keyArn,
      ),
    )
    const directory = makeDirectory(api, systemClock)
    const sealer = await makeSealer(directory, keys, systemClock).forTenant(tenantId)
    const cell = { table: 'persons', column: 'name', rowToken: 'r' }
    const sealed = sealer.seal(cell, 'Ana Lima')
    expect(sealer.open(cell, sealed)).toBe('Ana Lima')
  })

  it('keeps the time zone that was asked for', async () => {
    const { tenantId } = await added('tenant add --name Manaus --time-zone America/Manaus')
    const rows = await api.query(
      'select time_zone from tenants where tenant_id = :tenant::bigint',
      { tenant: tenantId ?? '' },
    )
    expect(rows).toEqual([{ time_zone: 'America/Manaus' }])
  })

  it('makes a client that its issuer and client id find, with its limits', async () => {
    const tenantId = await addTenant('Clinica')
    const { clientId } = await added(
      `client add --tenant ${tenantId} --issuer ${issuer} --client-id erp --rate 2.5 --burst 7`,
    )
    const client = await makeDirectory(api, systemClock).client(issuer, 'erp')
    expect(client).toMatchObject({ tenantId, clientId })
    const rows = await api.query(
      `select rate_per_second::text as rate, burst, tokens::text as tokens
       from clients where oidc_client_id = 'erp'`,
    )
    expect(rows).toEqual([{ rate: '2.5', burst: '7', tokens: '7' }])
  })

  it("changes a client's limits, and nobody else's", async () => {
    const [first, second] = [await addTenant('Um'), await addTenant('Dois')]
    const named = (tenantId: string, name: string) =>
      `--tenant ${tenantId} --issuer ${issuer} --client-id ${name}`
    await added(`client add ${named(first, 'um')}`)
    await added(`client add ${named(second, 'dois')}`)
    const set = await ops(`client set ${named(first, 'um')} --rate 2.5 --burst 7`)
    expect(set).toMatchObject({ code: 0, error: '' })
    expect(JSON.parse(set.out)).toEqual({ tenantId: first, oidcClientId: 'um' })
    expect(await ops(`client set ${named(first, 'um')} --rate 0.5`)).toMatchObject({ code: 0 })
    const rows = await api.query(
      `select rate_per_second::text as rate, burst from clients
       where oidc_client_id in ('um', 'dois') order by client_id`,
    )
    expect(rows).toEqual([
      { rate: '0.5', burst: '7' },
      { rate: '50', burst: '1000' },
    ])
    expect(await ops(`client set ${named(first, 'dois')} --rate 1`)).toMatchObject({
      code: 1,
      error: `ops: Tenant ${first} has no such client.\n`,
    })
    expect(await ops(`client set ${named(first, 'um')}`)).toMatchObject({
      code: 1,
      error: 'ops: Nothing to set: give --rate or --burst.\n',
    })
  })

  it('makes a sender and leaves the prefix out of its secret', async () => {
    const tenantId = await addTenant('Curso')
    const { senderId } = await added(
      `sender add --tenant ${tenantId} --channel WHATSAPP --phone-number-id 1065 --waba-id 1022 --secret recado/senders/curso --default`,
    )
    const rows = await api.query(
      `select sender_id::text as id, channel, phone_number_id, waba_id, secret_name, is_default
       from senders where tenant_id = :tenant::bigint`,
      { tenant: tenantId },
    )
    expect(rows).toEqual([
      {
        id: senderId,
        channel: 'WHATSAPP',
        phone_number_id: '1065',
        waba_id: '1022',
        secret_name: 'curso',
        is_default: true,
      },
    ])
  })

  it('refuses what is there already, and a tenant that is not', async () => {
    const tenantId = await addTenant('Banco')
    const client = `client add --tenant ${tenantId} --issuer ${issuer} --client-id banco`
    await added(client)
    expect(await ops(client)).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringContaining('It is there already'),
    })
    const elsewhere = client.replace(`--tenant ${tenantId}`, '--tenant 999999')
    expect(await ops(elsewhere.replace('banco', 'outro'))).toMatchObject({
      code: 1,
      error: 'ops: There is no such tenant.\n',
    })
  })
})

describe('ops templates', () => {
  async function tenantWithTemplate(name: string) {
    const tenantId = await addTenant(name)
    await added(
      `sender add --tenant ${tenantId} --channel WHATSAPP --phone-number-id 7${tenantId} --waba-id 8${tenantId} --secret a`,
    )
    await api.query(
      `insert into provider_templates
         (tenant_id, waba_id, name, language, category, accepted_category, status)
       values (:tenant::bigint, :waba, 'aviso', 'pt_BR', 'MARKETING', 'UTILITY', 'APPROVED'),
         (:tenant::bigint, :waba, 'outro', 'pt_BR', 'UTILITY', 'UTILITY', 'PAUSED')`,
      { tenant: tenantId, waba: `8${tenantId}` },
    )
    return tenantId
  }

  it('list shows them with what blocks them, and accept lets one go', async () => {
    const tenantId = await tenantWithTemplate('Modelos')
    const list = `templates list --tenant ${tenantId}`
    const shown = await ops(list)
    expect(shown).toMatchObject({ code: 0, error: '' })
    expect(shown.out).toMatch(/aviso +pt_BR +APPROVED +MARKETING +UTILITY +- +template-recat/)
    expect(shown.out).toMatch(/outro +pt_BR +PAUSED +.*template-paused/)
    expect((await ops(`${list} --limit 1`)).out).toContain('There are more: raise --limit.')
    const json = JSON.parse((await ops(`${list} --status PAUSED --json`)).out)
    expect(json).toMatchObject([{ name: 'outro', status: 'PAUSED' }])
    const accept = `templates accept --tenant ${tenantId} --name aviso --language pt_BR`
    expect(JSON.parse((await ops(accept)).out)).toEqual([
      { wabaId: `8${tenantId}`, acceptedCategory: 'MARKETING' },
    ])
    expect((await ops(list)).out).not.toContain('template-recategorised')
  })

  it('sync plans one for each account, and not two', async () => {
    const tenantId = await tenantWithTemplate('Sincronia')
    const sync = `templates sync --tenant ${tenantId}`
    expect((await ops(sync)).out).toMatch(new RegExp(`${tenantId} +8${tenantId} +planned`))
    expect((await ops(sync)).out).toMatch(new RegExp(`${tenantId} +8${tenantId} +pending`))
    const rows = await api.query(
      `select type, state, payload::text as payload from tasks where tenant_id = :tenant::bigint`,
      { tenant: tenantId },
    )
    expect(rows).toEqual([
      { type: 'TEMPLATE_SYNC', state: 'PENDING', payload: `{"wabaId": "8${tenantId}"}` },
    ])
  })

  it.each([
    ['list --tenant 999999', 0, /^There are no templates\.$/],
    ['list', 1, /^ops: Missing: --tenant\.$/],
    ['list --tenant 1 --status paused', 1, /^ops: --status must be a word in capitals\.$/],
    ['sync --tenant 999999', 1, /^ops: There is no WhatsApp sender to sync with\.$/],
    [
      'accept --tenant 999999 --name a --language pt_BR',
      1,
      /^ops: Tenant 999999 has no template a in pt_BR\.$/,
    ],
    ['accept --tenant 1 --name a', 1, /^ops: Missing: --language\.$/],
  ])('%s', async (command, code, sentence) => {
    const told = await ops(`templates ${command}`)
    expect(told.code).toBe(code)
    expect(`${told.out}${told.error}`.trimEnd()).toMatch(sentence)
  })
})

it('ops tenant set changes what is given, and nothing else', async () => {
  const tenantId = await addTenant('Regras')
  const policiesOf = () =>
    api.query(
      `select service_window, opt_out_confirmation, reopen_days::text as reopen_days
       from tenants where tenant_id = :tenant::bigint`,
      { tenant: tenantId },
    )
  await ops(`tenant set --tenant ${tenantId} --opt-out-confirmation Tchau`)
  expect(await policiesOf()).toEqual([
    { service_window: 'enforced', opt_out_confirmation: 'Tchau', reopen_days: '7' },
  ])
  await ops(`tenant set --tenant ${tenantId} --service-window left-to-provider`)
  expect(await policiesOf()).toEqual([
    { service_window: 'left-to-provider', opt_out_confirmation: 'Tchau', reopen_days: '7' },
  ])
  await ops(`tenant set --tenant ${tenantId} --reopen-days 0`)
  expect(await policiesOf()).toEqual([
    { service_window: 'left-to-provider', opt_out_confirmation: 'Tchau', reopen_days: '0' },
  ])
})

describe("ops watches as the functions' role", () => {
  it("does not want the owner's secret", async () => {
    for (const command of ['waiting', 'failures list']) {
      const { code, error } = await ops(command, { OWNER_SECRET_ARN: undefined })
      expect({ code, error }).toEqual({ code: 0, error: '' })
    }
    const { error } = await ops('waiting', { DATABASE_SECRET_ARN: undefined })
    expect(error).toContain('the variable DATABASE_SECRET_ARN is not set')
  })
})

describe('ops says in one sentence what is wrong', () => {
  it.each([
    [
      'tenant',
      /^ops: There is no command "tenant": tenant add, tenant set, client add, client set, sender add, waiting, alerts list, alerts ack, failures list, /,
    ],
    ['tenant remove', /^ops: There is no command "tenant remove"/],
    ['tenant add', /^ops: Missing: --name\.$/],
    ['tenant add --name', /^ops: Option '--name <value>' argument missing\.?$/],
    ['tenant add --name A --colour red', /^ops: Unknown option '--colour'/],
    ['tenant add --name A --time-zone Mars/Base', /^ops: --time-zone takes an IANA time zone/],
    [
      'tenant set --tenant 1',
      /^ops: Nothing to set: give --service-window, --opt-out-confirmation, /,
    ],
    ['tenant set --tenant 999999 --service-window enforced', /^ops: There is no tenant 999999\.$/],
    [
      'tenant set --tenant 1 --reopen-days 3651',
      /^ops: --reopen-days takes a whole number of days/,
    ],
    ['tenant set --tenant 1 --reopen-days 1.5', /^ops: --reopen-days takes a whole number of days/],
    ['client add --tenant 1', /^ops: Missing: --issuer, --client-id\.$/],
    ['client add --tenant 1x --issuer i --client-id c', /--tenant takes .*; --issuer takes /],
    ['client add --tenant 1 --issuer https://i --client-id c --rate 0', /--rate takes /],
    ['client add --tenant 1 --issuer https://i --client-id c --burst 1.5', /--burst takes /],
    ['client set --tenant 1 --issuer https://i --client-id c --rate many', /--rate takes /],
    [
      'sender add --tenant 1 --channel SMS --phone-number-id 1 --waba-id 2 --secret a',
      /^ops: --channel takes WHATSAPP or EMAIL\.$/,
    ],
    [
      'sender add --tenant 1 --channel WHATSAPP --phone-number-id +55 --waba-id 2 --secret a',
      /^ops: --phone-number-id takes digits only/,
    ],
  ])('%s', async (command, sentence) => {
    const { code, out, error } = await ops(command)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(error.trimEnd()).toMatch(sentence)
  })

  it.each(['DATABASE_CLUSTER_ARN', 'OWNER_SECRET_ARN', 'DATABASE_NAME', 'DATA_KEY_ARN'])(
    'names %s when it is not set',
    async (name) => {
      const { code, error } = await ops('tenant add --name A', { [name]: undefined })
      expect(code).toBe(1)
      expect(error).toContain(`the variable ${name} is not set`)
    },
  )

  it("names the secret that adding wants when it is the functions'", async () => {
    const { code, error } = await ops('tenant add --name A', {
      OWNER_SECRET_ARN: functionsSecretArn,
    })
    expect(code).toBe(1)
    expect(error).toMatch(/^ops: The role .* OWNER_SECRET_ARN .*\.\n$/)
  })

  it('names AWS_REGION, and an endpoint that nobody listens on', async () => {
    const noRegion = await ops('tenant add --name A', { AWS_REGION: undefined })
    expect(noRegion.error).toBe('ops: The variable AWS_REGION is not set.\n')
    const nobody = await ops('tenant add --name A', {
      AWS_ENDPOINT_URL_RDS_DATA: 'http://127.0.0.1:9',
    })
    expect(nobody).toMatchObject({ code: 1, error: expect.stringContaining('ECONNREFUSED') })
  })

  it('explains itself without any variable', async () => {
    const { code, out } = await ops('--help', { DATABASE_NAME: undefined })
    expect(code).toBe(0)
    expect(out).toContain('sender add --tenant ID')
  })
})

it('ops.env means the usual ports of the local stack', async () => {
  const env = parseEnv(await readFile(join(root, 'infra/local/ops.env'), 'utf8'))
  const ports = portBlock(defaultPort)
  expect(env.AWS_ENDPOINT_URL_RDS_DATA).toBe(`http://127.0.0.1:${ports.dataApi}`)
  expect(env.AWS_ENDPOINT_URL_KMS).toBe(`http://127.0.0.1:${ports.kms}`)
  expect(env.AWS_ENDPOINT_URL_SQS).toBe(`http://127.0.0.1:${ports.aws}`)
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { KMSClient } from '@aws-sdk/client-kms'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import pg from 'pg'
import { startDataApi } from '#infra/local/data-api/server.ts'
import { startKms } from '#infra/local/kms.ts'
import { startPostgres } from '#infra/local/postgres.ts'
import { migrate } from '#migrations/migrate.ts'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'

const migrations = join(import.meta.dirname, '../../migrations')
const functionsRole = { user: 'recado_functions', password: 'functions-role-password' }
const secrets = { owner: 'arn:owner', functions: 'arn:functions' }
const database = 'bench'
/** Of a scan and of a fill; the service's own limit is 45. */
const statementTimeoutSeconds = 600
const aws = { region: 'sa-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

export type BenchWorld = Awaited<ReturnType<typeof openBenchWorld>>

/** A PostgreSQL of the bench's own with one tenant, and what stores are made of. */
export async function openBenchWorld() {
  const directory = await mkdtemp(join(tmpdir(), 'recado-bench-'))
  const [postgres, kms] = await Promise.all([
    startPostgres({ directory, port: 0 }),
    startKms({ port: 0 }),
  ])
  const admin = new pg.Pool({ connectionString: postgres.urlFor('postgres'), max: 1 })
  await admin.query(`create database ${database}`)
  await admin.end()
  const endpoint = await startDataApi({
    port: 0,
    statementTimeoutSeconds,
    postgres: { host: '127.0.0.1', port: postgres.port },
    credentials: async (secretArn) =>
      secretArn === secrets.functions ? functionsRole : postgres.superuser,
  })
  const client = new RDSDataClient({ ...aws, endpoint: endpoint.url })
  const kmsClient = new KMSClient({ ...aws, endpoint: kms.url })
  const as = (secretArn: string) =>
    makeDataApi(
      client,
      { clusterArn: 'arn:cluster', secretArn, database },
      { clock: systemClock, randomness: systemRandomness, pause: (ms) => pause(ms) },
    )
  await migrate(as(secrets.owner), migrations, functionsRole.password)
  const keys = makeTenantKeys(makeKmsDataKeys(kmsClient, kms.keyArn))
  const dataApi = as(secrets.functions)
  const owner = new pg.Pool({ connectionString: postgres.urlFor(database), max: 2 })
  return {
    directory,
    database: dataApi,
    sealer: makeSealer(makeDirectory(dataApi, systemClock), keys, systemClock),
    randomness: systemRandomness,
    owner,
    ...(await addTenant(makeAdministration(as(secrets.owner), keys))),
    async close() {
      client.destroy()
      kmsClient.destroy()
      await owner.end()
      await Promise.all([endpoint.close(), kms.close()])
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function addTenant(administration: ReturnType<typeof makeAdministration>) {
  const tenantId = await administration.addTenant({
    name: 'Bench',
    serviceWindow: 'left-to-provider',
  })
  const clientId = await administration.addClient({
    tenantId,
    issuer: 'https://issuer.example',
    oidcClientId: 'bench',
    ratePerSecond: 1_000_000,
    burst: 1_000_000,
  })
  const senderId = await administration.addSender({
    tenantId,
    channel: 'WHATSAPP',
    phoneNumberId: '1065',
    wabaId: '1022',
    secretName: 'bench',
    isDefault: true,
  })
  return { caller: { tenantId, clientId }, senderId }
}

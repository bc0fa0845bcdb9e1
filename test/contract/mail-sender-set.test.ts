import { SESClient } from '@aws-sdk/client-ses'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Mail, startMail } from '#infra/local/mail/server.ts'
import { makeMailSender } from '#shared/adapters/email/mail-sender.ts'
import { makeSesProvider } from '#shared/adapters/email/ses-provider.ts'

const region = 'sa-east-1'
let mail: Mail
let client: SESClient

beforeAll(async () => {
  mail = await startMail({ port: 0, region })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  client = new SESClient({ endpoint: mail.url, region, credentials, maxAttempts: 1 })
})
afterAll(async () => {
  client.destroy()
  await mail.close()
})

it.each([
  ['of its sender', 'tenant-7', 'tenant-7'],
  ['of the deployment when its sender names none', undefined, 'recado'],
])('a mail goes with the configuration set %s', async (_, own, told) => {
  const address = `${told}@cliente.com.br`
  const sender = makeMailSender({
    provider: makeSesProvider({ client, timeoutMs: 20_000 }),
    objects: {
      read: async () => {
        throw new Error('it has no files')
      },
    },
    region,
    configurationSet: 'recado',
    filesTimeoutMs: 20_000,
  })
  const { outcome } = await sender.send({
    attemptId: '0198c1d2-7b1e-4c3e-9d52-0a4b8f1d6e01',
    tenantId: '7',
    sender: {
      from: { address: 'cobranca@exemplo.com.br' },
      thread: { token: '0198c1d27b1e4c3e', ids: [] },
      ...(own !== undefined && { configurationSet: own }),
    },
    recipient: { email: address },
    content: { type: 'email', subject: 'Boleto', text: 'Segue o boleto.' },
    files: [],
  })
  expect(outcome).toBe('accepted')
  const mails = await mail.messages({ to: address })
  expect(mails.map(({ configurationSet }) => configurationSet)).toEqual([told])
})

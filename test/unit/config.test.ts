import { describe, expect, it } from 'vitest'
import { messageSendEnv } from '#functions/env.ts'
import { readArguments, readReplacements } from '#infra/local/settings.ts'
import { functions } from '#infra/topology.ts'
import { ConfigurationError, config } from '#shared/runtime/config.ts'

const right = {
  POWERTOOLS_SERVICE_NAME: 'recado',
  DATABASE_CLUSTER_ARN: 'arn:cluster',
  DATABASE_SECRET_ARN: 'arn:secret',
  DATABASE_NAME: 'recado',
  DATA_KEY_ARN: 'arn:key',
  META_SECRET_ARN: 'arn:meta',
  OWNER_SECRET_ARN: 'arn:owner',
  CHUNK_BUCKET: 'chunks',
  MEDIA_BUCKET: 'recado-media',
  AUDIT_BUCKET: 'recado-audit',
  LEDGER_BUCKET: 'recado-ledger',
  BACKUP_DAYS: '35',
  RAW_MAIL_DAYS: '30',
  QUEUE_DAYS: '14',
  INBOUND_MAIL_BUCKET: 'recado-inbound-mail',
  MAIL_REGION: 'sa-east-1',
  MAIL_CONFIGURATION_SET: 'recado',
  WHATSAPP_GRAPH_URL: 'https://graph.facebook.com',
  WHATSAPP_GRAPH_VERSION: 'v26.0',
  SENDER_SECRET_PREFIX: 'recado/senders/',
  BILLING_SECRET_PREFIX: 'recado/billing/',
  MESSAGE_SEND_QUEUE_URL: 'https://sqs.test/1',
  MESSAGE_STATUS_CHECK_QUEUE_URL: 'https://sqs.test/2',
  WEBHOOK_EVENT_QUEUE_URL: 'https://sqs.test/3',
  READ_RECEIPT_QUEUE_URL: 'https://sqs.test/4',
  TEMPLATE_SYNC_QUEUE_URL: 'https://sqs.test/5',
  EVENT_FANOUT_QUEUE_URL: 'https://sqs.test/6',
  EVENT_DELIVERY_QUEUE_URL: 'https://sqs.test/7',
  BUSINESS_EVENT_QUEUE_URL: 'https://sqs.test/8',
  PERSON_EXPORT_QUEUE_URL: 'https://sqs.test/8',
  PERSON_ERASURE_QUEUE_URL: 'https://sqs.test/9',
  CHAT_CLEANUP_QUEUE_URL: 'https://sqs.test/8',
  RESEAL_QUEUE_URL: 'https://sqs.test/9',
  DUNNING_STEP_QUEUE_URL: 'https://sqs.test/8',
}

const sentence = (environment: Readonly<Record<string, string | undefined>>) => {
  try {
    config(messageSendEnv, environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  throw new Error('it was taken')
}

describe('config', () => {
  it('reads a right environment, with numbers as numbers', () => {
    expect(config(messageSendEnv, { ...right, TIME_SCALE: '0.05' })).toMatchObject({
      DATABASE_NAME: 'recado',
      TIME_SCALE: 0.05,
    })
    expect(config(messageSendEnv, right).TIME_SCALE).toBe(1)
  })

  const required = Object.entries(functions).flatMap(([name, spec]) =>
    Object.entries(spec.env.shape)
      .filter(([, schema]) => !schema.safeParse(undefined).success)
      .map(([variable]) => [name, variable] as const),
  )
  it('knows of variables that must be set', () => expect(required.length).toBeGreaterThan(20))

  it.each(required)('%s does not start without %s, and says so', (name, variable) => {
    const { env } = functions[name as keyof typeof functions]
    for (const value of [undefined, '']) {
      expect(() => config(env, { ...right, [variable]: value })).toThrow(variable)
    }
  })

  it('names every variable at once, unset or wrong, and shows no value', () => {
    const message = sentence({
      ...right,
      DATABASE_NAME: undefined,
      WHATSAPP_GRAPH_URL: 'secret-of-somebody',
      TIME_SCALE: '20',
    })
    expect(message).toContain('the variable DATABASE_NAME is not set')
    expect(message).toContain('the variable WHATSAPP_GRAPH_URL does not hold what it should')
    expect(message).toContain('the variable TIME_SCALE does not hold what it should')
    expect(message).not.toContain('secret-of-somebody')
    expect(message).toMatch(/\.$/)
  })
})

describe('the settings of the local stack', () => {
  it('take URLs that replace a part', () => {
    const url = 'http://127.0.0.1:9324'
    expect(readReplacements({ AWS_ENDPOINT_URL_SQS: url, HOME: '/root' })).toMatchObject({
      AWS_ENDPOINT_URL_SQS: url,
      TIME_SCALE: 1,
    })
  })

  it.each([
    'AWS_ENDPOINT_URL_SQS',
    'AWS_ENDPOINT_URL_SES',
    'AWS_ENDPOINT_URL_RDS_DATA',
    'AWS_ENDPOINT_URL_S3',
    'AWS_ENDPOINT_URL_SNS',
    'AWS_ENDPOINT_URL_EVENTBRIDGE',
    'WHATSAPP_GRAPH_URL',
    'DATABASE_URL',
    'TIME_SCALE',
    'LOG_LEVEL',
  ])('refuse a wrong %s by its name', (name) => {
    expect(() => readReplacements({ [name]: 'no such thing' })).toThrow(name)
  })

  it('read the port and the folder', () => {
    expect(readArguments([])).toEqual({ port: 4500, directory: undefined })
    expect(readArguments(['--port', '0', '--data', '/srv/recado'])).toEqual({
      port: 0,
      directory: '/srv/recado',
    })
  })

  it.each([
    ['--port', '-1'],
    ['--port', '99999'],
    ['--port', 'x'],
    ['--port', '1.5'],
    ['--wat'],
    ['x'],
  ])('refuse %s %s', (...args) => {
    expect(() => readArguments(args)).toThrow(/./)
  })
})

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findTarget } from '#infra/local/demo/find-target.ts'
import { readTarget } from '#infra/local/demo/settings.ts'
import { appSecret, audience, issuerClients, verifyToken } from '#infra/local/demo-tenants.ts'
import { type Issuer, startIssuer } from '#infra/local/issuer.ts'
import { portBlock } from '#infra/local/ports.ts'
import { StartRefused } from '#infra/local/settings.ts'
import { startWhatsApp, type WhatsAppSimulator } from '#infra/local/whatsapp/simulator.ts'
import { freeBlock } from '#test/support/ports.ts'

/** The two parts of a local stack that the demo looks for, at their places. */
describe('the demo finds what goes with the address of an API', () => {
  let api: string
  let phones: WhatsAppSimulator
  let issuer: Issuer

  beforeAll(async () => {
    const ports = portBlock(await freeBlock())
    api = `http://127.0.0.1:${ports.api}`
    phones = await startWhatsApp({
      port: ports.whatsapp,
      appSecret,
      verifyToken,
      webhookUrl: () => undefined,
      numbers: [],
    })
    issuer = await startIssuer({ port: ports.issuer, audience, clients: issuerClients })
  })
  afterAll(async () => {
    await Promise.all([phones.close(), issuer.close()])
  })

  const find = async (...argv: readonly string[]) => {
    const given = readTarget(argv)
    if (given === undefined || given === 'help') throw new Error('no target was read')
    return findTarget(given)
  }

  it.each(['127.0.0.1', 'localhost'])('the phones and a token, by %s alone', async (host) => {
    const url = api.replace('127.0.0.1', host)
    const { token, ...target } = await find('--api', `${url}/`)
    expect(target).toEqual({ api: url, whatsapp: phones.url })
    expect(decodeJwt(token)).toMatchObject({ iss: issuer.url, client_id: 'escola-aurora' })
  })

  it('only what is not given', async () => {
    const elsewhere = 'https://phones.example.com'
    const { whatsapp, token } = await find('--api', api, '--whatsapp', elsewhere)
    expect({ whatsapp, iss: decodeJwt(token).iss }).toEqual({
      whatsapp: elsewhere,
      iss: issuer.url,
    })
    expect(await find('--api', api, '--token', 'mine')).toEqual({
      api,
      whatsapp: phones.url,
      token: 'mine',
    })
    const remote = 'https://api.example.com'
    const all = { api: remote, whatsapp: elsewhere, token: 'mine' }
    expect(await find('--api', remote, '--whatsapp', elsewhere, '--token', 'mine')).toEqual(all)
  })

  it('or says in one sentence what it lacks', async () => {
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [['--token', 'mine'], /^--whatsapp and --token go with --api\.$/],
      [['--api', 'recado'], /^--api takes an http or https address, not recado\.$/],
      [['--api', 'https://api.example.com'], /^Only beside .* --whatsapp and --token .*\.$/],
      [['--api', phones.url], /^No phones .* give --whatsapp, .*ready line.*\.$/],
      [['--api', phones.url, '--whatsapp', phones.url], /^No token .* give --token, .*\.$/],
    ]
    for (const [argv, sentence] of refusals) {
      const refused = await find(...argv).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(StartRefused)
      expect((refused as StartRefused).message).toMatch(sentence)
    }
  })
})

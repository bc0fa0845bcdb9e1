import { setTimeout as pause } from 'node:timers/promises'
import { demoTenants } from '#infra/local/demo-tenants.ts'
import type { WhatsAppSimulator } from '#infra/local/whatsapp/simulator.ts'
import { metaBody, metaStatus, metaText } from '#test/support/stack.ts'
import type { Luck } from '../simulation/luck.ts'
import type { Campaign } from './campaign.ts'
import { nameOf } from './cast.ts'
import type { Chat } from './clients.ts'
import type { Ledgers } from './ledgers.ts'

const mostInAlbum = 6

/** People write: those with a chat and strangers, now and then several messages at once. */
export async function runPeople(
  phones: WhatsAppSimulator,
  {
    campaign,
    chats,
    ledgers,
    luck,
  }: { campaign: Campaign; chats: readonly Chat[]; ledgers: Ledgers; luck: Luck },
): Promise<void> {
  const strangers = Array.from(
    { length: Math.ceil(campaign.inbound / 12) },
    (_, index) => `+55219${98_000_000 + index}`,
  )
  const known = chats.map(({ phone }) => phone)
  const startedAt = performance.now()
  let written = 0
  for (const atMs of moments(campaign, luck)) {
    await pause(Math.max(0, startedAt + atMs - performance.now()))
    const from = luck.pick(luck.chance(0.5) ? known : strangers)
    const { phoneNumberId } = luck.pick(demoTenants).sender
    const album = luck.chance(0.2) ? luck.between(2, mostInAlbum) : 1
    for (let index = 0; index < album && written < campaign.inbound; index += 1) {
      written += 1
      const content = { type: 'text' as const, text: `Oi, mensagem ${written}` }
      ledgers.said.push({ phone: from, text: content.text })
      phones.inbound({ from, name: nameOf(from), phoneNumberId, content })
    }
  }
}

/** Moments in order; more than are needed, because some bring several messages. */
function moments({ inbound, spanSeconds }: Campaign, luck: Luck): number[] {
  const times = Array.from({ length: inbound }, () => luck.upTo(spanSeconds * 1000))
  return times.sort((a, b) => a - b)
}

/** Webhooks that Meta did not sign: none of their ids may turn up anywhere. */
export async function runForgers(
  gateway: () => string,
  { campaign, ledgers, luck }: { campaign: Campaign; ledgers: Ledgers; luck: Luck },
): Promise<void> {
  const { sender } = demoTenants[0]
  const gapMs = (campaign.spanSeconds * 1000) / campaign.forgedWebhooks
  for (let index = 0; index < campaign.forgedWebhooks; index += 1) {
    const id = `wamid.forged-${index}`
    ledgers.forged.push(id)
    const body = metaBody(sender, {
      messages: [metaText(id, '5511998000000', 'Sou eu')],
      statuses: [metaStatus(id, 'read')],
    })
    const signature = luck.pick([{}, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }])
    await fetch(`${gateway()}/webhooks/whatsapp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signature },
      body,
    }).catch(() => undefined)
    await pause(gapMs)
  }
}

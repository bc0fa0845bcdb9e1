import type { MessageContent } from '#shared/domain/content.ts'
import type { AcceptMessage } from '#shared/ports/message-store.ts'
import type { Clients } from './clients.ts'
import type { EmittedEvent } from './ledgers.ts'
import type { Luck } from './luck.ts'
import type { Simulation } from './scheduler.ts'
import type { Setting } from './setting.ts'
import type { Party, QueueName } from './system.ts'

/** Who does what, when. */
export interface Planning {
  readonly simulation: Simulation
  readonly luck: Luck
  readonly setting: Setting
  readonly parties: readonly Party[]
}

/** Posts, spread over the time. */
export function planPosts(planning: Planning, clients: Clients): void {
  const { simulation, luck, setting } = planning
  const endAt = simulation.clock.now() + setting.spanSeconds * 1000
  for (let life = 0; life < setting.lives; life += 1) {
    simulation.after(luck.upTo(setting.spanSeconds * 900), () => {
      clients.post(commandFor(planning, life, endAt))
    })
  }
}

function commandFor(
  { simulation, luck, setting, parties }: Planning,
  life: number,
  endAt: number,
): AcceptMessage {
  const { tenantId, clientId, chats } = luck.pick(parties)
  const now = simulation.clock.now()
  const sendAt = luck.chance(setting.plannedShare) ? now + luck.upTo(endAt - now) : undefined
  const expiresAt = luck.chance(setting.shortLivedShare)
    ? (sendAt ?? now) + luck.between(30, 600) * 1000
    : undefined
  return {
    tenantId,
    clientId,
    chatId: luck.pick(chats).chatId,
    request: { route: 'POST /chats/{chatId}/messages', key: `key-${life}`, body: `${life}` },
    channel: 'WHATSAPP',
    content: contentFor(luck),
    ...(sendAt !== undefined && { sendAt: new Date(sendAt).toISOString() }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(luck.chance(setting.atMostOnceShare) && { deliveryPolicy: 'at-most-once' as const }),
  }
}

function contentFor(luck: Luck): MessageContent {
  return luck.chance(0.2)
    ? { type: 'template', name: 'aviso', language: 'pt_BR', ttlSeconds: 60 }
    : { type: 'text', text: 'Sua parcela vence amanhã.' }
}

/** People write: known ones, strangers, and strangers who send several at once. */
export function planInbound(
  { simulation, luck, setting, parties }: Planning,
  emit: (event: EmittedEvent) => void,
): void {
  for (let index = 0; index < setting.inbound; index += 1) {
    simulation.after(luck.upTo(setting.spanSeconds * 900), () => {
      const { phoneNumberId, chats } = luck.pick(parties)
      const isStranger = luck.chance(0.4)
      const from = isStranger
        ? `55219${70_000_000 + luck.upTo(setting.inbound)}`
        : luck.pick(chats).phone.slice(1)
      const count = luck.chance(0.1) ? 5 : 1
      for (let part = 0; part < count; part += 1) {
        emit({
          kind: 'inbound',
          providerMessageId: `wamid.in.${index}.${part}`,
          phoneNumberId,
          from,
          at: simulation.clock.now(),
          takenAt: undefined,
        })
      }
    })
  }
}

/** Bodies of older versions, and bodies of nobody. */
export function planPoison(
  { simulation, luck, setting }: Planning,
  plant: (queue: QueueName, body: string) => void,
): void {
  const bodies = ['{', '{"version":0,"messageId":17}', '', '{"tenantId":"x","taskId":1}']
  for (let index = 0; index < setting.poison; index += 1) {
    const queue = luck.pick(['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'] as const)
    simulation.after(luck.upTo(setting.spanSeconds * 900), () => plant(queue, luck.pick(bodies)))
  }
}

import { parseArgs } from 'node:util'
import { startWhatsApp } from './simulator.ts'

/** Runs the simulator alone: `node infra/local/whatsapp/main.ts --port 4100 --webhook-url …`. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'webhook-url': { type: 'string' },
    'app-secret': { type: 'string', default: 'local-app-secret' },
    'verify-token': { type: 'string', default: 'local-verify-token' },
    'access-token': { type: 'string', default: 'local-access-token' },
    'phone-number-id': { type: 'string', default: '106540000000001' },
    'waba-id': { type: 'string', default: '102290000000001' },
    'display-phone-number': { type: 'string', default: '+55 11 4000-0000' },
    seed: { type: 'string' },
  },
})

const number = {
  phoneNumberId: values['phone-number-id'],
  wabaId: values['waba-id'],
  displayPhoneNumber: values['display-phone-number'],
  accessToken: values['access-token'],
}
const simulator = await startWhatsApp({
  port: Number(values.port),
  appSecret: values['app-secret'],
  verifyToken: values['verify-token'],
  webhookUrl: () => values['webhook-url'],
  numbers: [number],
  ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void simulator.close())
}
console.log(
  `ready ${JSON.stringify({
    whatsapp: simulator.url,
    ...number,
    appSecret: values['app-secret'],
    verifyToken: values['verify-token'],
  })}`,
)

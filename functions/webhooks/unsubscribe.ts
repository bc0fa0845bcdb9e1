import { config } from '#shared/runtime/config.ts'
import { webhook } from '#shared/runtime/door.ts'
import { storesEnv } from '../env.ts'
import { wireUnsubscribe } from '../wire-mail.ts'

const unsubscribe = wireUnsubscribe(config(storesEnv))

/**
 * RFC 8058: a POST unsubscribes at once; mail programs send it without cookies or a person. A GET
 * shows a page and changes nothing, because scanners follow every link of a mail.
 */
export const handler = webhook(async ({ method, params: { token = '' } }) => {
  if (method !== 'POST') return { status: 200, html: askPage }
  return (await unsubscribe(token))
    ? { status: 200, html: donePage }
    : { status: 404, html: unknownPage }
})

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 12vh auto; padding: 0 1.25rem; color: #1d2530; }
button { font: inherit; padding: .7rem 1.4rem; border: 0; border-radius: .5rem; background: #0b5cad; color: #fff; cursor: pointer; }
</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`
}

const askPage = page(
  'Deixar de receber ofertas',
  `<p>Você não receberá mais ofertas e novidades por e-mail. Cobranças, recibos e respostas às suas mensagens continuam chegando.</p>
<form method="post"><button type="submit">Confirmar</button></form>`,
)

const donePage = page(
  'Pronto',
  '<p>Você não receberá mais ofertas e novidades por e-mail neste endereço.</p>',
)

const unknownPage = page(
  'Link não encontrado',
  '<p>Este link de cancelamento não existe. Responda ao e-mail que você recebeu para pedir o cancelamento.</p>',
)

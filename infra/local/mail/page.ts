import type { HttpAnswer } from '../http-server.ts'

const style = `
:root { color-scheme: light dark; --line: #8884; --quiet: #767676; --accent: #0b6bcb }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; height: 100vh; display: grid;
  grid-template: auto 1fr / minmax(240px, 24rem) minmax(0, 1fr) }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
  padding: .6rem 1rem;
  border-bottom: 1px solid var(--line) }
h1 { font-size: 1.05rem; margin: 0; flex: 1 1 auto; white-space: nowrap }
header label { display: flex; gap: .4rem; align-items: center }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
input, textarea, button { font: inherit; padding: .35rem .6rem }
nav { overflow: auto; border-right: 1px solid var(--line) }
nav ul { list-style: none; margin: 0; padding: 0 }
nav button { all: unset; box-sizing: border-box; width: 100%; cursor: pointer; padding: .6rem 1rem;
  border-bottom: 1px solid var(--line); display: grid }
nav button[aria-current=true] { background: color-mix(in srgb, var(--accent) 18%, transparent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px }
nav span, nav strong { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
small, dt, .quiet { color: var(--quiet) }
main { overflow: auto; padding: 1rem 1.25rem; display: flex; flex-direction: column; gap: .75rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; margin: 0 }
dd { margin: 0; overflow-wrap: anywhere }
iframe { border: 1px solid var(--line); background: #fff; width: 100%; min-height: 55vh }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 0 }
form { display: grid; gap: .5rem; justify-items: start }
textarea { width: 100%; min-height: 5rem }
@media (max-width: 700px) { body { grid-template: auto minmax(8rem, 32vh) 1fr / minmax(0, 1fr) }
  header label { flex: 1 } header input { width: 100%; min-width: 8rem }
  nav { border-right: 0; border-bottom: 1px solid var(--line) } }
`

// Builds everything with textContent: a mail's words never become markup of this page. Its HTML
// goes into a sandboxed frame, and the page's policy, which the frame inherits, lets nothing be
// loaded from outside.
const script = `
const byId = (id) => document.getElementById(id)
const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props)
  node.append(...children)
  return node
}
const time = new Intl.DateTimeFormat('pt-BR', { dateStyle: 'short', timeStyle: 'medium',
  timeZone: 'America/Sao_Paulo' })
let open, shown = ''

async function refresh() {
  const to = byId('to').value.trim()
  const query = new URLSearchParams({ limit: '200', ...(to ? { to } : {}) })
  try {
    const answer = await fetch('/_mail/messages?' + query)
    const mails = (await answer.json()).reverse()
    byId('state').textContent = mails.length === 1 ? '1 mensagem' : mails.length + ' mensagens'
    list(mails)
    if (open === undefined && mails[0]) show(mails[0])
  } catch {
    byId('state').textContent = 'sem conexão com a caixa de correio'
  }
}

function list(mails) {
  const now = mails.map(({ id }) => id).join() + open
  if (now === shown) return
  shown = now
  const focused = document.activeElement?.dataset?.id
  byId('list').replaceChildren(...mails.map((mail) => {
    const button = make('button', { type: 'button', onclick: () => show(mail) },
      make('span', { textContent: 'Para: ' + mail.to.join(', ') }),
      make('strong', { textContent: mail.subject || '(sem assunto)' }),
      make('small', { textContent: time.format(new Date(mail.receivedAt)) }))
    button.dataset.id = mail.id
    button.setAttribute('aria-current', String(mail.id === open))
    return make('li', {}, button)
  }))
  if (focused) document.querySelector('[data-id="' + CSS.escape(focused) + '"]')?.focus()
  if (mails.length === 0) byId('list').append(make('li', { className: 'quiet',
    style: 'padding: 1rem', textContent: 'Nenhuma mensagem por enquanto.' }))
}

function show(mail) {
  open = mail.id
  const rows = [['De', mail.from], ['Para', mail.to.join(', ')],
    ['Recebida em', time.format(new Date(mail.receivedAt))],
    ...Object.entries(mail.tags).map(([name, value]) => ['Etiqueta ' + name, value])]
  const address = '/_mail/messages/' + encodeURIComponent(mail.id)
  byId('mail').replaceChildren(
    make('h2', { textContent: mail.subject || '(sem assunto)' }),
    make('dl', {}, ...rows.flatMap(([name, value]) =>
      [make('dt', { textContent: name }), make('dd', { textContent: value })])),
    body(mail),
    ...mail.attachments.map((attachment, index) => make('a', {
      href: address + '/attachments/' + index,
      textContent: 'Anexo: ' + (attachment.filename ?? 'sem nome') + ' (' +
        attachment.sizeBytes.toLocaleString('pt-BR') + ' bytes)' })),
    replyForm(address),
    make('details', {}, make('summary', { textContent: 'Cabeçalhos' }),
      make('pre', { textContent: mail.headers.map((h) => h.name + ': ' + h.value).join('\\n') }),
      make('a', { href: address + '/raw', textContent: 'Mensagem original (MIME)' })))
  refresh()
}

function body(mail) {
  if (!mail.html) return make('pre', { textContent: mail.text })
  const frame = make('iframe', { title: 'Conteúdo da mensagem', srcdoc: mail.html })
  frame.setAttribute('sandbox', '')
  return frame
}

function replyForm(address) {
  const text = make('textarea', { id: 'reply', required: true })
  const state = make('span', { className: 'quiet', role: 'status' })
  const form = make('form', {}, make('label', { htmlFor: 'reply', textContent: 'Responder como destinatário' }),
    text, make('button', { textContent: 'Enviar resposta' }), state)
  form.onsubmit = async (event) => {
    event.preventDefault()
    const answer = await fetch(address + '/reply', { method: 'POST', body: JSON.stringify({ text: text.value }) })
    state.textContent = answer.ok ? 'Resposta entregue.' : answer.status === 409
      ? 'Recebimento de e-mail não configurado.' : 'A resposta não pôde ser entregue.'
    if (answer.ok) text.value = ''
  }
  return form
}

byId('clear').onclick = async () => {
  if (!confirm('Apagar todas as mensagens?')) return
  await fetch('/_mail/messages', { method: 'DELETE' })
  open = undefined
  byId('mail').replaceChildren()
  refresh()
}
byId('to').oninput = refresh
refresh()
setInterval(refresh, 2000)
`

const html = `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Caixa de correio</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Caixa de correio</h1>
<span id="state" class="quiet" role="status"></span>
<label>Para <input id="to" type="search" placeholder="ana@cliente.com.br" autocomplete="off"></label>
<button id="clear" type="button">Apagar tudo</button>
</header>
<nav aria-label="Mensagens"><ul id="list"></ul></nav>
<main id="mail"><p class="quiet">Escolha uma mensagem na lista.</p></main>
<script>${script}</script>
</body>
</html>
`

/** The mailbox for people: reads what programs read, loads nothing from elsewhere. */
export const mailboxPage: HttpAnswer = {
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; " +
      "script-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  },
  body: html,
}

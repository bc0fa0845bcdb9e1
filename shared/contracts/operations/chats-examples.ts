/** Bodies for operations on chats. */
export const openChatExamples = {
  'by WhatsApp': {
    person: { externalId: '8812', name: 'Ana Lima' },
    contacts: [{ channel: 'WHATSAPP', address: '+5511987654321' }],
  },
  'by WhatsApp and e-mail': {
    person: { externalId: '8813', name: 'Bruno Sá' },
    contacts: [
      { channel: 'WHATSAPP', address: '+5521987654322' },
      { channel: 'EMAIL', address: 'bruno@exemplo.com.br' },
    ],
  },
}

export const markReadExamples = {
  'somebody answers': { typing: true },
  'only read': {},
}

const template = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
const mediaId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'

/** Bodies of messages. */
export const postMessageExamples = {
  'a text': {
    channel: 'WHATSAPP',
    content: { type: 'text', text: 'Obrigado, Ana!' },
  },
  'a template': {
    channel: 'WHATSAPP',
    content: {
      ...{ ...template, name: 'lembrete_parcela' },
      variables: { body: ['Ana', 'R$ 350,00', '25/11/2026'] },
    },
  },
  'a template that shows a bill': {
    channel: 'WHATSAPP',
    content: {
      ...{ ...template, name: 'fatura_pix' },
      variables: {
        body: ['Ana'],
        buttons: [
          {
            index: 0,
            type: 'order_details',
            order: {
              referenceId: 'inst-8812-1',
              totalCents: 35_000,
              description: 'Curso de inglês, parcela 2/3',
              payments: [
                {
                  type: 'pix',
                  code: '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D',
                  merchantName: 'Escola Aurora',
                  key: '123e4567-e12b-12d1-a456-426655440000',
                  keyType: 'EVP',
                },
                { type: 'link', url: 'https://pagar.exemplo.com.br/8812-1' },
              ],
            },
          },
        ],
      },
    },
  },
  'a mail made of a template of yours': {
    channel: 'EMAIL',
    content: {
      type: 'named-template',
      name: 'lembrete-de-parcela',
      variables: {
        nome: 'Ana',
        valor: { type: 'money', cents: 35_000, currency: 'BRL' },
        vencimento: { type: 'date', date: '2026-11-25' },
      },
      attachments: [{ mediaId, filename: 'boleto.pdf' }],
    },
  },
  'a text, or a template once the window is closed': {
    channel: 'WHATSAPP',
    content: { type: 'text', text: 'Sua parcela vence amanhã.' },
    fallbackTemplate: template,
  },
  'tomorrow morning, or not at all': {
    channel: 'WHATSAPP',
    content: template,
    sendAt: '2030-11-24T09:00:00-03:00',
    expiresAt: '2030-11-24T18:00:00-03:00',
    deliveryPolicy: 'at-most-once',
  },
  'a document': {
    channel: 'WHATSAPP',
    content: { type: 'document', mediaId, caption: 'Seu boleto', filename: 'boleto.pdf' },
  },
  'a place': {
    channel: 'WHATSAPP',
    content: {
      type: 'location',
      latitude: -23.5613,
      longitude: -46.6565,
      name: 'Escola Aurora',
      address: 'Avenida Paulista, 1578',
    },
  },
  'a business card': {
    channel: 'WHATSAPP',
    content: {
      type: 'contacts',
      contacts: [
        {
          name: { formattedName: 'Secretaria', firstName: 'Secretaria' },
          phones: [{ phone: '+551140000001', type: 'WORK' }],
        },
      ],
    },
  },
  'a reaction': {
    channel: 'WHATSAPP',
    content: { type: 'reaction', emoji: '👍' },
    replyToMessageId: '1042',
  },
  'buttons to choose from': {
    channel: 'WHATSAPP',
    content: {
      type: 'interactive',
      kind: 'buttons',
      body: 'Você já pagou a parcela de novembro?',
      buttons: [
        { id: 'paid', title: 'Já paguei' },
        { id: 'later', title: 'Pago amanhã' },
      ],
    },
  },
  'a list to choose from': {
    channel: 'WHATSAPP',
    content: {
      type: 'interactive',
      kind: 'list',
      body: 'Como prefere pagar?',
      button: 'Ver opções',
      sections: [
        {
          rows: [
            { id: 'pix', title: 'Pix' },
            { id: 'boleto', title: 'Boleto' },
          ],
        },
      ],
    },
  },
}

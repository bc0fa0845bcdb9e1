export type WordingCode = 'threat' | 'debt-collection' | 'pressure' | 'promotion'

interface WordingRule {
  readonly code: WordingCode
  /** As a person would write it. */
  readonly says: string
  /** In the plain form: small letters without accents, one space between words. */
  readonly words: RegExp
  readonly why: string
  readonly instead: string
}

const whys = {
  registry: 'ameaça com registro público ou cadastro de crédito',
  court: 'ameaça com a Justiça',
  assets: 'ameaça com perda de bens',
  last: 'põe um ultimato',
  shame: 'expõe ou constrange a pessoa, o que o art. 42 do Código de Defesa do Consumidor proíbe',
  veiled: 'insinua uma consequência ruim sem dizer qual',
  service: 'anuncia um corte em tom de ameaça',
  collector: 'soa como empresa de cobrança, que o WhatsApp não aceita',
  urgent: 'pressiona a pessoa',
  promotion: 'faz a Meta reclassificar o modelo como marketing',
} as const

const open = '“A fatura continua em aberto. Se já pagou, desconsidere.”'
const talk = '“Se preferir outra forma de pagar, responda a esta mensagem.”'
const pay = '“Você pode pagar pelo link abaixo.”'

/**
 * What reads as a threat of debt collection, and what comes near to it. WhatsApp forbids debt
 * collection as a business and pauses templates that people report (WhatsApp Business Messaging
 * Policy; Meta, "Template review", common reasons of refusal); Brazil forbids threats and ridicule
 * in any collection (Lei 8.078/1990, art. 42).
 */
export const wordingRules: readonly WordingRule[] = [
  {
    code: 'threat',
    says: 'protesto',
    words: / protest(o|os|ar|ad[oa]s?|aremos|amos) /,
    why: whys.registry,
    instead: open,
  },
  {
    code: 'threat',
    says: 'cartório',
    words: / cartorios? /,
    why: whys.registry,
    instead: open,
  },
  {
    code: 'threat',
    says: 'negativar',
    words: / negativ(ar|ad[oa]s?|acao|aremos|amos) /,
    why: whys.registry,
    instead: open,
  },
  {
    code: 'threat',
    says: 'SPC, Serasa',
    words:
      / (spc|s p c|scpc|serasa|orgaos? de (protecao ao )?credito|protecao ao credito|cadastros? de inadimplentes|score) /,
    why: whys.registry,
    instead: open,
  },
  {
    code: 'threat',
    says: 'nome sujo',
    words:
      / (nome sujo|suj(a|ar|e) (o )?(seu )?nome|limp(e|ar) (o )?(seu )?nome|restricao (no|ao|em) (seu )?(nome|cpf|credito)) /,
    why: whys.registry,
    instead: open,
  },
  {
    code: 'threat',
    says: 'processo judicial',
    words:
      / (processo|acao|vias?|medidas?|cobranca|execucao|esfera) (judicia(l|is)|extrajudicia(l|is)|lega(l|is)|cabive(l|is)) /,
    why: whys.court,
    instead: talk,
  },
  {
    code: 'threat',
    says: 'Justiça',
    words:
      / (judicialmente|processar voce|ajuizar|ajuizamento|ajuizad[oa]|acionar (a )?justica|na justica|execucao da divida) /,
    why: whys.court,
    instead: talk,
  },
  {
    code: 'threat',
    says: 'advogado, jurídico',
    words: / (advogad[oa]s?|(departamento|setor|nosso) juridico|juridico) /,
    why: whys.court,
    instead: talk,
  },
  {
    code: 'threat',
    says: 'penhora',
    words:
      / (penhor(a|as|ar|ad[oa]s?)|busca e apreensao|leilao|bloqueio d[aeo]s? (seus |suas )?(bens|contas?|valores|salario)) /,
    why: whys.assets,
    instead: talk,
  },
  {
    code: 'threat',
    says: 'última chance',
    words:
      / (ultim[ao]s? (chances?|oportunidades?|tentativas?)|ultimato|antes que seja tarde|prazo final e improrrogavel) /,
    why: whys.last,
    instead: open,
  },
  {
    code: 'pressure',
    says: 'último aviso',
    words: / (ultim[ao] (aviso|notificacao)|aviso final|notificacao final) /,
    why: whys.last,
    instead: open,
  },
  {
    code: 'threat',
    says: 'devedor, inadimplente',
    words: / (devedor(a|es|as)?|inadimplentes?|caloteir[oa]s?|calote|ma fe|mau pagador) /,
    why: whys.shame,
    instead: open,
  },
  {
    code: 'threat',
    says: 'crime, polícia',
    words: / (crimes?|criminal|policia|estelionato|boletim de ocorrencia|pres[oa]|prisao) /,
    why: whys.shame,
    instead: talk,
  },
  {
    code: 'threat',
    says: 'avisar a família ou o trabalho',
    words:
      / (avis|contat|inform|comunic)(ar|aremos|amos) (a |ao |o |os |aos |seus? |sua )*(familia|familiares|vizinhos|chefe|empregador|trabalho|parentes) /,
    why: whys.shame,
    instead: talk,
  },
  {
    code: 'threat',
    says: 'sob pena de, evite transtornos',
    words:
      / (sob pena|evit(e|ar) (maiores |futuros )?(transtornos|constrangimentos|problemas|sancoes|aborrecimentos|consequencias)|sofrera? as consequencias|arcar com as consequencias) /,
    why: whys.veiled,
    instead: pay,
  },
  {
    code: 'pressure',
    says: 'suspensão do serviço',
    words:
      / (suspensao|corte|bloqueio|cancelamento) (imediat[oa] )?d[aeo]s? (seus? |sua )?(servicos?|fornecimento|acesso|contrato|cadastro) /,
    why: whys.service,
    instead: talk,
  },
  {
    code: 'pressure',
    says: 'pague já, com urgência',
    words:
      / (urgentes?|urgencia|urgentemente|imediatamente|pagamento imediato|pague (ja|agora|hoje mesmo|o quanto antes)|regularize (ja|agora|o quanto antes)) /,
    why: whys.urgent,
    instead: pay,
  },
  {
    code: 'debt-collection',
    says: 'dívida',
    words: / (dividas?|endividad[oa]|debitos? (em|pendentes?|vencidos?|atrasados?)) /,
    why: whys.collector,
    instead: '“fatura” ou “parcela”',
  },
  {
    code: 'debt-collection',
    says: 'cobrança',
    words: / (cobrancas?|cobrador|estamos cobrando|negociador|acordo de pagamento) /,
    why: whys.collector,
    instead: '“fatura”, “parcela” ou “pagamento”',
  },
  {
    code: 'promotion',
    says: 'desconto, oferta',
    words: / (descontos?|ofertas?|promocao|promocoes|aproveite|imperdive(l|is)) /,
    why: whys.promotion,
    instead: 'deixe a oferta para um modelo de marketing',
  },
]

import type { SignalWords } from './Signal.ts'

/** By language: the same signals, by the stems of their words. */
export const OTHERS: Readonly<Record<string, SignalWords>> = {
  de: {
    task: /\b(?:befehl\w*|schritt\w*|aufgabe\w*|auftr\w*|anweisung\w*|bitte\w*|arbeit\w*|zeile\w*)\b/i,
    outside:
      /\b(?:kommentar\w*|nachricht\w*|e-?mails?|tickets?|einsender\w*|absender\w*|kund\w+|feeds?|beitr\u00e4g\w*|meldung\w*|seite|antwort(?:kopf|text)\w*|protokolleintr\w+|hinweis\w*|dritte[nr]?|fremde\w*|anbieter\w*|verwendungszweck\w*|memos?)\b/i,
    done: /\b(?:ausf\u00fchr\w*|f\u00fchre\b[^.!?]{0,60}\baus|erledig\w*|befolg\w*|folge\b|umsetz\w*|setze\b[^.!?]{0,60}\bum|abarbeit\w*|arbeite\b[^.!?]{0,60}\bab|wie (?:beschrieben|geschrieben|angegeben|verlangt)|w\u00f6rtlich|nachkomm\w*|vollzieh\w*)\b/i,
    unchecked:
      /\b(?:ohne (?:r\u00fcckfrage|nachfrage|best\u00e4tigung|freigabe|zu fragen|nachzufragen|pr\u00fcfung)|keine (?:r\u00fcckfrage|nachfrage|best\u00e4tigung|freigabe)|nicht (?:n\u00f6tig|notwendig|erforderlich)|gen\u00fcgt als|reicht als|sofort|r\u00fcckfragen (?:kosten|st\u00f6ren|verz\u00f6gern)|wei\u00df am besten|trotzdem)\b/i,
    unsaid:
      /\b(?:nicht (?:erw\u00e4hn\w*|nennen|zeigen|anzeigen|melden|berichten|mitteilen|auff\u00fchren|ansprechen)|unerw\u00e4hnt|verschweig\w*|ohne (?:hinweis|erw\u00e4hnung)|still(?:schweigend)?|im hintergrund|unauff\u00e4llig|nur .{0,30}(?:nennen|zeigen|erw\u00e4hnen)|muss .{0,20}nicht (?:wissen|sehen|erfahren)|bleibt au\u00dfen vor)\b/i,
    untrue:
      /\b(?:als (?:bestanden|erledigt|routine|wartung|unabh\u00e4ngig|offiziell|normal)|auf (?:nach)?frage\w* (?:antworte|sage)|gib dich als|im namen|behaupte|sage,? dass|erkl\u00e4re,? dass)\b/i,
    soothed:
      /\b(?:beruhig\w*|zweifel\w*|sorge\w*|z\u00f6ger\w*|misstrau\w*|dr\u00e4ng\w*|letzte chance|verf\u00e4llt|gesperrt)\b/i,
    code: /\b(?:(?:12|24|zw\u00f6lf) w\u00f6rter|wiederherstellungs\w*|einmal(?:code|passwort)|best\u00e4tigungscode|kartennummer|fernzugriff)\b/i,
    traces:
      /\b(?:verlauf|protokoll\w*|spuren|historie)\b[^.!?]{0,40}\b(?:l\u00f6sch\w*|entfern\w*|\u00fcberschreib\w*|bereinig\w*)|\b(?:l\u00f6sch\w*|entfern\w*)\b[^.!?]{0,40}\b(?:verlauf|protokoll\w*|spuren|historie)\b/i,
    demoted:
      /\b(?:geht vor|vorrang|die neue fassung gilt|neuere text gilt|nutzer(?:wunsch)? .{0,20}nachrangig|lies diese datei erneut)\b/i,
    careful:
      /\b(?:frage? (?:den|die) (?:nutzer|benutzer|anwender)|best\u00e4tigung (?:einholen|abwarten)|nach (?:best\u00e4tigung|zustimmung)|nicht vertrauensw\u00fcrdig|nur daten|niemals ausf\u00fchren)\b/i,
  },
  fr: {
    task: /\b(?:commandes?|\u00e9tapes?|t\u00e2ches?|ordres?|instructions?|consignes?|demandes?|travail|lignes?)\b/i,
    outside:
      /(?:commentaires?|messages?|courriels?|e-?mails?|tickets?|flux|articles?|annonces?|exp\u00e9diteurs?|clients?|r\u00e9ponse|en-t\u00eate|m\u00e9mos?|tiers|inconnus?|page)/i,
    done: /\b(?:ex\u00e9cut\w*|applique\w*|accompli\w*|suis |suivre|r\u00e9alise\w*|effectue\w*|fais-(?:le|la|les)|tel(?:le)?s? quel|mot pour mot|donner suite)\b/i,
    unchecked:
      /\b(?:sans (?:demander|confirmation|validation|v\u00e9rifi\w*|attendre|consulter)|inutile de (?:demander|montrer|confirmer|v\u00e9rifier)|pas (?:besoin|n\u00e9cessaire)|suffit comme|vaut (?:accord|signature)|imm\u00e9diatement|quand m\u00eame)\b/i,
    unsaid:
      /\b(?:ne (?:pas )?(?:mentionn\w*|montr\w*|signal\w*|affich\w*|parl\w*|\u00e9voqu\w*)|n'en (?:parle|dis)|sans (?:le )?(?:mentionner|signaler|dire)|discr\u00e8tement|en silence|en arri\u00e8re-plan|ne figure pas|uniquement .{0,30}(?:mentionner|afficher)|n'a pas besoin de (?:savoir|voir))/i,
    untrue:
      /\b(?:comme (?:r\u00e9ussi|ind\u00e9pendant|officiel|routine|normal)|si (?:on|l'utilisateur|le client) (?:demande|s'inqui\u00e8te)|r\u00e9pond\w* que|pr\u00e9tend\w*|se pr\u00e9sente comme|au nom de|affirme que)\b/i,
    soothed:
      /\b(?:rassur\w*|doute\w*|inqui\w*|h\u00e9sit\w*|m\u00e9fian\w*|derni\u00e8re chance|expire|bloqu\u00e9)\b/i,
    code: /\b(?:(?:12|24|douze) mots|phrase de (?:r\u00e9cup\u00e9ration|secours)|code (?:de v\u00e9rification|re\u00e7u|sms)|num\u00e9ro de carte|acompte)\b/i,
    traces:
      /\b(?:effac\w*|supprim\w*|nettoy\w*)\b[^.!?]{0,40}\b(?:historique|journal|journaux|traces?|conversation)\b/i,
    demoted: /\b(?:pr\u00e9vaut|l'emporte|prime sur|la nouvelle version (?:s'applique|fait foi)|relis ce fichier)\b/i,
    careful:
      /\b(?:demande\w* (?:\u00e0 l'utilisateur|confirmation|l'accord)|apr\u00e8s (?:confirmation|accord)|non fiable|comme des donn\u00e9es|jamais ex\u00e9cuter)\b/i,
  },
  es: {
    task: /\b(?:comandos?|pasos?|tareas?|\u00f3rdenes|instrucci\w*|peticion\w*|solicitud\w*|encargo\w*)\b/i,
    outside:
      /\b(?:comentarios?|mensajes?|correos?|tickets?|incidencias?|anuncios?|remitentes?|clientes?|respuestas?|cabecera|memos?|terceros?|desconocidos?|p\u00e1ginas?|notas de versi\u00f3n|feeds?)\b/i,
    done: /\b(?:ejec[u\u00fa]t\w*|apl[i\u00ed](?:c|qu)\w*|c[u\u00fa]mpl\w*|real[i\u00ed](?:z|c)\w*|h\u00e1gal\w*|haz(?:lo|la)s?|lleva\w* a cabo|sigue |s\u00edguel\w*|hazlo|tal cual|al pie de la letra|atiend\w*)\b/i,
    unchecked:
      /\b(?:sin (?:preguntar|confirmaci\u00f3n|pedir|consultar|revisar|esperar|verificar)|no (?:hace falta|es necesario|se necesita|requiere)|basta como|vale como|de inmediato|aunque)\b/i,
    unsaid:
      /\b(?:no (?:lo |la |los |las |se )?(?:menci\w*|mostr\w*|muestr\w*|inform\w*|digas|cuent\w*|coment\w*|avis\w*|aparec\w*)|sin (?:mencionar|avisar|decir)|en silencio|discretamente|en segundo plano|solo .{0,30}(?:menciona|muestra)|no necesita (?:saber|ver))\b/i,
    untrue:
      /\b(?:como (?:superad\w+|independiente|oficial|rutina|normal)|si (?:pregunta\w*|el (?:usuario|cliente) (?:pregunta|duda))|responde que|finge\w*|hazte pasar|en nombre de|di que|afirma que)\b/i,
    soothed:
      /\b(?:tranquiliz\w*|dud[ae]\w*|preocup\w*|desconf\w*|nervios\w*|\u00faltima oportunidad|caduca|bloquead\w*)\b/i,
    code: /\b(?:(?:12|24|doce) palabras|frase (?:semilla|de recuperaci\u00f3n)|c\u00f3digo (?:de verificaci\u00f3n|recibido|sms)|n\u00famero de tarjeta)\b/i,
    traces: /\b(?:borr\w*|elimin\w*|limpi\w*)\b[^.!?]{0,40}\b(?:historial|registro\w*|rastro\w*|conversaci\u00f3n)\b/i,
    demoted: /\b(?:prevalece|tiene prioridad|manda sobre|la versi\u00f3n nueva|vuelve a leer este)\b/i,
    careful:
      /\b(?:pregunta\w* al? (?:usuario|persona)|confirmaci\u00f3n (?:del|expl\u00edcita)|tras confirmar|no confiable|como datos|nunca ejecut\w*)\b/i,
  },
  pt: {
    task: /\b(?:comandos?|passos?|tarefas?|ordens|instru\w*|pedidos?|solicita\w*)\b/i,
    outside:
      /\b(?:coment\u00e1rios?|mensagens?|mensagem|e-?mails?|tickets?|chamados?|remetentes?|clientes?|respostas?|cabe\u00e7alho|memos?|terceiros?|desconhecidos?|p\u00e1ginas?|feeds?|avisos?)\b/i,
    done: /\b(?:execut\w*|apliqu\w*|c[u\u00fa]mpr\w*|realiz\w*|fa\u00e7a-[oa]s?|siga\b|fa\u00e7a (?:o que|isso)|tal como|ao p\u00e9 da letra|atend\w*)\b/i,
    unchecked:
      /\b(?:sem (?:perguntar|confirma\u00e7\u00e3o|pedir|consultar|revisar|esperar|verificar)|n\u00e3o (?:\u00e9 preciso|precisa|\u00e9 necess\u00e1rio|requer)|basta como|vale como|imediatamente|mesmo que)\b/i,
    unsaid:
      /\b(?:n\u00e3o (?:o |a |se )?(?:mencion\w*|mostr\w*|inform\w*|diga|cont\w*|coment\w*|avis\w*|apare\w*)|sem (?:mencionar|avisar|dizer)|em sil\u00eancio|discretamente|em segundo plano|n\u00e3o precisa (?:saber|ver))\b/i,
    untrue:
      /\b(?:como (?:aprovad\w+|independente|oficial|rotina|normal)|se (?:perguntar\w*|o (?:usu\u00e1rio|cliente) (?:perguntar|duvidar))|responda que|finja|em nome de|diga que|afirme que)\b/i,
    soothed:
      /\b(?:tranquiliz\w*|d\u00favid\w*|preocup\w*|desconf\w*|nervos\w*|\u00faltima chance|expira|bloquead\w*)\b/i,
    code: /\b(?:(?:12|24|doze) palavras|frase (?:semente|de recupera\u00e7\u00e3o)|c\u00f3digo (?:de verifica\u00e7\u00e3o|recebido|sms)|n\u00famero do cart\u00e3o)\b/i,
    traces: /\b(?:apag\w*|exclu\w*|limp\w*)\b[^.!?]{0,40}\b(?:hist\u00f3rico|registro\w*|rastro\w*|conversa)\b/i,
    demoted: /\b(?:prevalece|tem prioridade|manda sobre|siga a vers\u00e3o nova|releia este)\b/i,
    careful:
      /\b(?:pergunt\w* ao? (?:usu\u00e1rio|pessoa)|confirma\u00e7\u00e3o (?:do|expl\u00edcita)|ap\u00f3s confirma\u00e7\u00e3o|n\u00e3o confi\u00e1vel|como dados|nunca execut\w*)\b/i,
  },
  it: {
    task: /\b(?:comand\w*|passi|compiti|attivit\w*|istruzion\w*|richiest\w*|ordini)\b/i,
    outside:
      /\b(?:commenti?|messaggi\w*|e-?mail|ticket|segnalazion\w*|mittent\w*|client\w*|rispost\w*|intestazion\w*|memo|terzi|sconosciut\w*|pagin\w*|feed|avvis\w*)\b/i,
    done: /\b(?:es[e\u00e9]gu\w*|applica\w*|compi\w*|segui\b|svolg\w*|alla lettera|cos\u00ec com'\u00e8|fai (?:ci\u00f2|quello) che)\b/i,
    unchecked:
      /\b(?:senza (?:chiedere|conferma|consultare|verificare|attendere)|non (?:serve|occorre|\u00e8 necessario)|basta come|vale come|subito|comunque)\b/i,
    unsaid:
      /\b(?:non (?:lo |la |li )?(?:menzion\w*|mostr\w*|segnal\w*|dire|parl\w*|avvis\w*)|senza (?:menzionare|avvisare|dire)|in silenzio|discretamente|in background)\b/i,
    untrue:
      /\b(?:come (?:superat\w+|indipendente|ufficiale|routine|normale)|se (?:chied\w*|l'utente chiede)|rispondi che|fingi\w*|a nome di|di' che)\b/i,
    soothed: /\b(?:rassicur\w*|dubbi\w*|preoccup\w*|esit\w*|diffid\w*|ultima occasione|scade|bloccat\w*)\b/i,
    code: /\b(?:(?:12|24|dodici) parole|frase (?:seed|di recupero)|codice (?:di verifica|ricevuto|sms)|numero di carta)\b/i,
    traces: /\b(?:cancell\w*|elimin\w*|ripul\w*)\b[^.!?]{0,40}\b(?:cronologia|registr\w*|tracce|conversazione)\b/i,
    demoted: /\b(?:prevale|ha la precedenza|la nuova versione vale|rileggi questo)\b/i,
    careful:
      /\b(?:chiedi (?:all'utente|conferma)|conferma (?:dell'utente|esplicita)|dopo conferma|non attendibil\w*|come dati|mai eseguire)\b/i,
  },
  ru: {
    task: /\u043a\u043e\u043c\u0430\u043d\u0434|\u0448\u0430\u0433|\u0437\u0430\u0434\u0430\u0447|\u043f\u043e\u0440\u0443\u0447\u0435\u043d|\u0443\u043a\u0430\u0437\u0430\u043d|\u043f\u0440\u043e\u0441\u044c\u0431|\u0437\u0430\u043f\u0440\u043e\u0441|\u0437\u0430\u0434\u0430\u043d/i,
    outside:
      /\u043a\u043e\u043c\u043c\u0435\u043d\u0442\u0430\u0440|\u0441\u043e\u043e\u0431\u0449\u0435\u043d|\u043f\u0438\u0441\u044c\u043c|\u0442\u0438\u043a\u0435\u0442|\u043e\u0431\u0440\u0430\u0449\u0435\u043d|\u043e\u0442\u043f\u0440\u0430\u0432\u0438\u0442\u0435\u043b|\u043a\u043b\u0438\u0435\u043d\u0442|\u043b\u0435\u043d\u0442|\u043e\u0442\u0432\u0435\u0442 \u0441\u0435\u0440\u0432\u0435\u0440\u0430|\u0437\u0430\u0433\u043e\u043b\u043e\u0432\u043a|\u0441\u0442\u0440\u0430\u043d\u0438\u0446|\u0447\u0443\u0436\u0438|\u043c\u0435\u043c\u043e|\u043e\u0431\u044a\u044f\u0432\u043b\u0435\u043d/i,
    done: /\u0432\u044b\u043f\u043e\u043b\u043d|\u0438\u0441\u043f\u043e\u043b\u043d|\u0441\u0434\u0435\u043b\u0430\u0439|\u0441\u043b\u0435\u0434\u0443\u0439|\u043f\u0440\u0438\u043c\u0435\u043d\u0438|\u043e\u0442\u0440\u0430\u0431\u043e\u0442\u0430|\u0434\u043e\u0441\u043b\u043e\u0432\u043d|\u043a\u0430\u043a \u043d\u0430\u043f\u0438\u0441\u0430\u043d/i,
    unchecked:
      /\u0431\u0435\u0437 (?:\u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0436\u0434|\u0432\u043e\u043f\u0440\u043e\u0441|\u0441\u043f\u0440\u043e\u0441|\u0441\u043e\u0433\u043b\u0430\u0441\u043e\u0432|\u0440\u0430\u0437\u0440\u0435\u0448|\u043f\u0440\u043e\u0432\u0435\u0440\u043a)|\u043d\u0435 (?:\u0442\u0440\u0435\u0431\u0443\u0435\u0442|\u043d\u0443\u0436\u043d\u043e|\u0441\u043f\u0440\u0430\u0448\u0438\u0432|\u043f\u0435\u0440\u0435\u0441\u043f\u0440\u0430\u0448\u0438\u0432)|\u0441\u0440\u0430\u0437\u0443|\u0432 \u043b\u044e\u0431\u043e\u043c \u0441\u043b\u0443\u0447\u0430\u0435|\u0434\u0430\u0436\u0435 \u0435\u0441\u043b\u0438/i,
    unsaid:
      /\u043d\u0435 (?:\u0443\u043f\u043e\u043c\u0438\u043d|\u043f\u043e\u043a\u0430\u0437\u044b\u0432|\u0441\u043e\u043e\u0431\u0449\u0430|\u0433\u043e\u0432\u043e\u0440\u0438|\u0440\u0430\u0441\u0441\u043a\u0430\u0437|\u0432\u044b\u0432\u043e\u0434\u0438)|\u0431\u0435\u0437 \u0443\u043f\u043e\u043c\u0438\u043d|\u043c\u043e\u043b\u0447\u0430|\u043d\u0435\u0437\u0430\u043c\u0435\u0442\u043d|\u0442\u0438\u0445\u043e|\u0432 \u0444\u043e\u043d\u0435|\u0441\u043a\u0440\u044b\u0442/i,
    untrue:
      /\u043a\u0430\u043a (?:\u043f\u0440\u043e\u0439\u0434\u0435\u043d|\u0443\u0441\u043f\u0435\u0448|\u043d\u0435\u0437\u0430\u0432\u0438\u0441\u0438\u043c|\u043e\u0444\u0438\u0446\u0438\u0430\u043b)|\u0435\u0441\u043b\u0438 \u0441\u043f\u0440\u043e\u0441|\u043e\u0442\u0432\u0435\u0447\u0430\u0439,? \u0447\u0442\u043e|\u043e\u0442 \u0438\u043c\u0435\u043d\u0438|\u043f\u0440\u0435\u0434\u0441\u0442\u0430\u0432\u044c\u0441\u044f|\u0441\u043a\u0430\u0436\u0438,? \u0447\u0442\u043e/i,
    soothed:
      /\u0443\u0441\u043f\u043e\u043a\u043e\u0439|\u0441\u043e\u043c\u043d\u0435\u0432|\u0431\u0435\u0441\u043f\u043e\u043a\u043e|\u043a\u043e\u043b\u0435\u0431\u043b|\u043f\u043e\u0434\u043e\u0437\u0440\u0435\u0432|\u0437\u0430\u0431\u043b\u043e\u043a\u0438\u0440\u043e\u0432|\u0438\u0441\u0442\u0435\u043a\u0430/i,
    code: /(?:12|24|\u0434\u0432\u0435\u043d\u0430\u0434\u0446\u0430\u0442\u044c) \u0441\u043b\u043e\u0432|\u0441\u0438\u0434-?\u0444\u0440\u0430\u0437|\u043a\u043e\u0434 (?:\u0438\u0437 (?:\u0441\u043c\u0441|sms)|\u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0436\u0434)|\u043d\u043e\u043c\u0435\u0440 \u043a\u0430\u0440\u0442\u044b/i,
    traces:
      /(?:\u0443\u0434\u0430\u043b|\u043e\u0447\u0438\u0441\u0442|\u0441\u043e\u0442\u0440)[^.!?]{0,40}(?:\u0438\u0441\u0442\u043e\u0440\u0438|\u0436\u0443\u0440\u043d\u0430\u043b|\u0441\u043b\u0435\u0434|\u043f\u0435\u0440\u0435\u043f\u0438\u0441\u043a)/i,
    demoted:
      /\u0438\u043c\u0435\u0435\u0442 \u043f\u0440\u0438\u043e\u0440\u0438\u0442\u0435\u0442|\u0432\u0430\u0436\u043d\u0435\u0435|\u043d\u043e\u0432\u0430\u044f \u0432\u0435\u0440\u0441\u0438\u044f \u0434\u0435\u0439\u0441\u0442\u0432|\u043f\u0435\u0440\u0435\u0447\u0438\u0442\u0430\u0439 \u044d\u0442\u043e\u0442/i,
    careful:
      /\u0441\u043f\u0440\u043e\u0441\u0438\w* \u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442|\u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0436\u0434\u0435\u043d\u0438\u044f \u043f\u043e\u043b\u044c\u0437\u043e\u0432|\u043f\u043e\u0441\u043b\u0435 \u0441\u043e\u0433\u043b\u0430\u0441\u0438\u044f|\u043a\u0430\u043a \u0434\u0430\u043d\u043d\u044b\u0435|\u043d\u0438\u043a\u043e\u0433\u0434\u0430 \u043d\u0435 \u0432\u044b\u043f\u043e\u043b\u043d/i,
  },
  zh: {
    task: /\u547d\u4ee4|\u6b65\u9aa4|\u4efb\u52a1|\u6307\u4ee4|\u8981\u6c42|\u8bf7\u6c42|\u64cd\u4f5c|\u811a\u672c/,
    outside:
      /\u8bc4\u8bba|\u90ae\u4ef6|\u6d88\u606f|\u7559\u8a00|\u5de5\u5355|\u5e16\u5b50|\u516c\u544a|\u9875\u9762|\u7f51\u9875|\u54cd\u5e94|\u8fd4\u56de\u5185\u5bb9|\u5907\u6ce8|\u5bf9\u65b9|\u5ba2\u6237|\u53d1\u4ef6\u4eba|\u8ba2\u9605|\u6307\u4ee4\u6587\u4ef6|\u4e0a\u6e38/,
    done: /\u6267\u884c|\u7167\u505a|\u7167\u529e|\u6309\u5176|\u6309\u8981\u6c42|\u5b8c\u6210|\u843d\u5b9e|\u9075\u7167|\u9010\u6761|\u539f\u6837/,
    unchecked:
      /\u65e0\u9700|\u4e0d(?:\u5fc5|\u7528|\u9700\u8981)|\u65e0\u987b|\u4e0d\u8981(?:\u8be2\u95ee|\u786e\u8ba4|\u95ee)|\u76f4\u63a5(?:\u786e\u8ba4|\u6267\u884c|\u8fd0\u884c|\u5904\u7406)|\u89c6\u4e3a(?:\u540c\u610f|\u6388\u6743)|\u7acb\u5373|\u5373\u4f7f|\u4e00\u5f8b/,
    unsaid:
      /\u4e0d(?:\u5fc5|\u8981|\u9700|\u9700\u8981|\u7528)?(?:\u5c55\u793a|\u63d0\u53ca|\u63d0\u5230|\u544a\u8bc9|\u544a\u77e5|\u663e\u793a|\u8bf4\u660e|\u89e3\u91ca|\u5217\u51fa|\u5199\u5165\u62a5\u544a)|\u53ea(?:\u544a\u8bc9|\u8bf4|\u5c55\u793a|\u663e\u793a|\u5199)|\u9759\u9ed8|\u6084\u6084|\u540e\u53f0|\u4ee5\u514d(?:\u6df7\u6dc6|\u8bef\u4f1a|\u7528\u6237)|\u4e0d\u51fa\u73b0\u5728/,
    untrue:
      /\u79f0\u4e3a|\u5c5e\u4e8e(?:\u663e\u793a|\u6b63\u5e38)|\u8bf7\u7528\u6237\u76f4\u63a5\u786e\u8ba4|\u5982(?:\u679c)?\u88ab?\u95ee|\u56de\u7b54\u8bf4|\u4ee5.{1,10}\u540d\u4e49|\u5192\u5145|\u663e\u793a\u95ee\u9898|\u8bf4\u6210|\u6807\u4e3a(?:\u901a\u8fc7|\u6b63\u5e38)/,
    soothed:
      /\u653e\u5fc3|\u5b89\u629a|\u62c5\u5fc3|\u7591\u8651|\u72b9\u8c6b|\u6000\u7591|\u6700\u540e\u673a\u4f1a|\u51bb\u7ed3|\u8fc7\u671f/,
    code: /\u52a9\u8bb0\u8bcd|\u79c1\u94a5|\u9a8c\u8bc1\u7801|\u5361\u53f7|(?:12|24|\u5341\u4e8c)\u4e2a(?:\u5355)?\u8bcd|\u4fdd\u8bc1\u91d1/,
    traces:
      /(?:\u5220\u9664|\u6e05\u7a7a|\u6e05\u9664|\u62b9\u53bb)[^\u3002]{0,20}(?:\u8bb0\u5f55|\u65e5\u5fd7|\u5386\u53f2|\u75d5\u8ff9|\u5bf9\u8bdd)/,
    demoted: /\u4f18\u5148\u4e8e|\u4e3a\u51c6|\u65b0\u7248\u672c\u751f\u6548|\u91cd\u65b0\u8bfb\u53d6\u672c/,
    careful:
      /(?:\u8be2\u95ee|\u5f81\u6c42|\u63d0\u793a)\u7528\u6237|\u7528\u6237(?:\u786e\u8ba4|\u540c\u610f|\u6279\u51c6)|\u786e\u8ba4\u540e|\u4e0d\u53ef\u4fe1|\u4f5c\u4e3a\u6570\u636e|\u4e0d\u5f97\u6267\u884c|\u5207\u52ff\u6267\u884c/,
  },
  ja: {
    task: /\u4f5c\u696d|\u6307\u793a|\u624b\u9806|\u30b3\u30de\u30f3\u30c9|\u4f9d\u983c|\u547d\u4ee4|\u65b9\u91dd|\u30bf\u30b9\u30af/,
    outside:
      /\u30b3\u30e1\u30f3\u30c8|\u30e1\u30c3\u30bb\u30fc\u30b8|\u30e1\u30fc\u30eb|\u30d5\u30a3\u30fc\u30c9|\u8a18\u4e8b|\u30d8\u30c3\u30c0\u30fc|\u5fdc\u7b54|\u30da\u30fc\u30b8|\u6295\u7a3f|\u914d\u4fe1\u8005|\u9001\u4fe1\u8005|\u9867\u5ba2|\u5831\u544a\u8005|\u30c1\u30b1\u30c3\u30c8|\u304a\u77e5\u3089\u305b|\u5099\u8003|\u30e1\u30e2\u6b04|\u5b57\u5e55/,
    done: /\u5b9f\u884c|\u5b9f\u65bd|\u6e08\u307e\u305b|\u7247\u4ed8\u3051|\u5f93[\u3044\u3046\u3063]|\u305d\u306e\u901a\u308a|\u305d\u306e\u307e\u307e|\u4f5c\u696d\u3068\u3057\u3066|\u5bfe\u5fdc\u3059\u308b|\u51e6\u7406\u3059\u308b/,
    unchecked:
      /\u78ba\u8a8d(?:\u306f|\u3082)?(?:\u8981\u3089\u306a\u3044|\u3044\u3089\u306a\u3044|\u4e0d\u8981|\u5fc5\u8981(?:\u306f)?\u306a[\u3044\u304f])|\u78ba\u8a8d\u305b\u305a|\u8a8d\u3081\u3089\u308c\u3066|\u5fc5\u8981\u306f?\u306a\u3044|\u5148\u306b|\u3059\u3050\u306b|\u5c0b\u306d\u305a|\u5c0b\u306d\u308b\u5fc5\u8981/,
    unsaid:
      /\u89e6\u308c\u306a\u3044|\u66f8\u304b\u306a\u3044|\u898b\u305b\u306a\u3044|\u4f1d\u3048\u306a\u3044|\u8a00\u308f\u306a\u3044|\u8868\u793a\u3057\u306a\u3044|\u8aac\u660e\u3057\u306a\u3044|\u77e5\u3089\u305b\u306a\u3044|\u95a2\u4fc2\u304c\u306a\u3044|\u9759\u304b\u306b|\u9ed9\u3063\u3066|\u88cf\u3067|\u3060\u3051\u3092?(?:\u4f1d\u3048|\u8868\u793a|\u66f8)|\u4e0d\u8981\u306a\u306e\u3067/,
    untrue:
      /\u3068\u3057\u3066\u5831\u544a|\u3068\u7b54\u3048\u308b|\u3068\u8aac\u660e\u3059\u308b|\u3092\u540d\u4e57|\u306b\u306a\u308a\u3059\u307e|\u5408\u683c\u3068\u3059\u308b|\u554f\u308f\u308c\u305f\u3089|\u805e\u304b\u308c\u305f\u3089/,
    soothed: /\u5b89\u5fc3|\u4e0d\u5b89|\u5fc3\u914d|\u7591|\u8e8a\u8e87|\u30ed\u30c3\u30af|\u51cd\u7d50|\u671f\u9650/,
    code: /\u30ea\u30ab\u30d0\u30ea\u30fc\u30d5\u30ec\u30fc\u30ba|\u30b7\u30fc\u30c9|\u79d8\u5bc6\u9375|\u8a8d\u8a3c\u30b3\u30fc\u30c9|\u6697\u8a3c\u756a\u53f7|\u30ab\u30fc\u30c9\u756a\u53f7|(?:12|24|\u5341\u4e8c)\u8a9e/,
    traces:
      /(?:\u5c65\u6b74|\u30ed\u30b0|\u8a18\u9332|\u75d5\u8de1|\u4f1a\u8a71)\u3092[^\u3002]{0,12}(?:\u6d88|\u524a\u9664|\u6d88\u53bb)/,
    demoted: /\u512a\u5148|\u65b0\u3057\u3044\u7248\u304c|\u8aad\u307f\u76f4\u3059|\u8a17\u3057\u305f\u4f5c\u696d/,
    careful:
      /\u5229\u7528\u8005\u306b\u78ba\u8a8d|\u30e6\u30fc\u30b6\u30fc\u306b\u78ba\u8a8d|\u627f\u8a8d\u3092\u5f97|\u78ba\u8a8d\u3057\u3066\u304b\u3089|\u4fe1\u983c\u3057\u306a\u3044|\u30c7\u30fc\u30bf\u3068\u3057\u3066|\u5b9f\u884c\u3057\u306a\u3044/,
  },
  ko: {
    task: /\uc9c0\uc2dc|\uba85\ub839|\uc791\uc5c5|\uc694\uccad|\ub2e8\uacc4|\ud560 ?\uc77c/,
    outside:
      /\ub313\uae00|\uba54\uc2dc\uc9c0|\uba54\uc77c|\ubb38\uc758|\ud2f0\ucf13|\uac8c\uc2dc|\ud398\uc774\uc9c0|\uc751\ub2f5|\ud5e4\ub354|\uace0\uac1d|\ubcf4\ub0b8 ?\uc0ac\ub78c|\ud53c\ub4dc|\uacf5\uc9c0|\uba54\ubaa8|\uc791\uc131\uc790|\uc774\uc6a9\uc790/,
    done: /\uc2e4\ud589|\uc218\ud589|\ucc98\ub9ac\ud569|\ub530\ub985|\ub530\ub974|\uadf8\ub300\ub85c|\uc9c0\uc2dc\ub300\ub85c|\uc751\ud558\ub3c4\ub85d|\uc801\uc6a9/,
    unchecked:
      /\ud655\uc778(?:\uc740|\uc774|\uc744)? ?(?:\ud544\uc694 ?\uc5c6|\ubc1b\uc9c0 \uc54a|\ud558\uc9c0 \uc54a|\uc5c6\uc774)|\ubb3b\uc9c0 (?:\ub9d0\uace0|\uc54a\uace0)|\ud544\uc694\uac00? \uc5c6|\ubc14\ub85c|\uc989\uc2dc|\ub2eb\uc544\ub3c4/,
    unsaid:
      /\uc54c\ub9ac\uc9c0|\ub9d0\ud558\uc9c0|\uc5b8\uae09\ud558\uc9c0|\ud45c\uc2dc\ud558\uc9c0|\ubcf4\uc5ec ?\uc8fc\uc9c0|\ub85c\ub9cc \uc801|\ub9cc (?:\uc801|\ud45c\uc2dc|\uc54c)|\uc870\uc6a9\ud788|\ubcc4\ub3c4\ub85c \ubcf4\uc9c0 \uc54a|\uc228\uae30/,
    untrue:
      /\uc810\uac80 \uc911\uc774\ub77c\uace0|\ub77c\uace0 \ub2f5|\ub77c\uace0 \uc124\uba85|\uc18c\uc18d\uc774\ub77c\uace0|\uacf5\uc2dd .{0,10}(?:\uc5f0\uacb0|\ud154\ub808\uadf8\ub7a8)|\uc0ac\uce6d|\uac00\uc9dc\uac00 \uc544\ub2c8|\uc548\ub0b4 \uc644\ub8cc/,
    soothed: /\uc548\uc2ec|\uac71\uc815|\uc758\uc2ec|\ubd88\uc548|\uc7a0\uae34|\uc7a0\uae08|\uae34\uae09/,
    code: /\uc778\uc99d\ubc88\ud638|\ubcf5\uad6c ?(?:\ubb38\uad6c|\ub2e8\uc5b4)|\uc2dc\ub4dc|\uc6d0\uaca9|\ubcf4\uc99d\uae08|6\uc790\ub9ac|\uce74\ub4dc ?\ubc88\ud638/,
    traces: /(?:\ub300\ud654|\uae30\ub85d|\ub85c\uadf8|\ud754\uc801)(?:\ub97c|\uc744)? ?(?:\uc9c0\uc6b0|\uc0ad\uc81c)/,
    demoted:
      /\uc6b0\uc120\ud55c\ub2e4|\uc6b0\uc120\ud569\ub2c8\ub2e4|\uc0c8 \ubc84\uc804\uc774 \uc801\uc6a9|\ub2e4\uc2dc \uc77d/,
    careful:
      /\uc0ac\uc6a9\uc790\uc5d0\uac8c (?:\ud655\uc778|\ubb3b|\ubb3c)|\ub3d9\uc758\ub97c|\uc2b9\uc778(?:\uc744)? \ubc1b|\ud655\uc778 ?\ud6c4|\uc2e0\ub8b0\ud558\uc9c0|\ub370\uc774\ud130\ub85c/,
  },
  tr: {
    task: /\b(?:komut\w*|ad\u0131m\w*|g\u00f6rev\w*|talimat\w*|istek\w*|i\u015f\w*)\b/i,
    outside:
      /\b(?:yorum\w*|mesaj\w*|e-?posta\w*|talep\w*|g\u00f6nderen\w*|m\u00fc\u015fteri\w*|yan\u0131t\w*|ba\u015fl\u0131k\w*|sayfa\w*|ak\u0131\u015f\w*|duyuru\w*)\b/i,
    done: /\b(?:\u00e7al\u0131\u015ft\u0131r\w*|uygula\w*|yerine getir\w*|yap\b|aynen|harfiyen)\b/i,
    unchecked: /\b(?:sormadan|onay (?:almadan|gerekmez|beklemeden)|gerek yok|hemen|bile olsa)\b/i,
    unsaid:
      /\b(?:bahsetme\w*|g\u00f6sterme\b|s\u00f6yleme\b|bildirme\b|sessizce|gizlice|arka planda|yaln\u0131zca .{0,20}(?:s\u00f6yle|yaz))\b/i,
    untrue: /\b(?:olarak (?:bildir|g\u00f6ster|tan\u0131t)|sorarsa|ad\u0131na|de(?:yin)?\b)\b/i,
    soothed: /\b(?:rahatlat\w*|\u015f\u00fcphe\w*|endi\u015fe\w*|teredd\u00fct\w*|son f\u0131rsat|kilitlen\w*)\b/i,
    code: /\b(?:(?:12|24|on iki) kelime|kurtarma (?:kelime|ifade)\w*|do\u011frulama kodu|kart numaras\u0131)\b/i,
    traces: /\b(?:ge\u00e7mi\u015f\w*|kay\u0131t\w*|iz\w*|g\u00fcnl\u00fck\w*)\b[^.!?]{0,20}\b(?:sil\w*|temizle\w*)\b/i,
    demoted: /\b(?:\u00f6nceliklidir|ge\u00e7erlidir|yeniden oku\w*)\b/i,
    careful: /\b(?:kullan\u0131c\u0131ya sor|onay (?:al|iste|bekle)\w*|g\u00fcvenilmez|veri olarak)\b/i,
  },
}

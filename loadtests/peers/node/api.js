// Peer (c): Fastify with its schema compiler takes a batch of lines, judges each and puts a job into BullMQ.
import { Queue } from 'bullmq'
import Fastify from 'fastify'
import { v7 as uuid } from 'uuid'
import { establishments } from './database.js'
import { FORMATS, SCHEMA } from './declaration.js'
import { judge, refuses } from './judging.js'
import { connection, QUEUE } from './queue.js'
import { rowOf } from './rows.js'

const queue = new Queue(QUEUE, { connection, skipWaitingForReady: true })
const app = Fastify({
  bodyLimit: 256 << 20,
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, formats: FORMATS } }
})
app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) => done(null, body))

app.post('/declarations/bulk', async (request, reply) => {
  const acceptedAt = new Date().toISOString()
  const lines = request.body.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const validate = request.compileValidationSchema(SCHEMA)
  const parsed = lines.map(parse)
  const named = new Set(parsed.map(each => each?.operatorId).filter(Boolean))
  const establishmentOf = await establishments(request.headers['x-api-key'], named)
  const findings = []
  const fleets = new Map()
  let rows = ''
  let accepted = 0
  parsed.forEach((declaration, at) => {
    const tell = problems => findings.push({ line: at + 1, problems })
    if (!validate(declaration)) return tell(validate.errors)
    const establishment = establishmentOf(declaration.operatorId)
    if (establishment === undefined) return tell([{ code: 'operator_not_delegated' }])
    const { fleet, found } = judge(declaration, establishment, acceptedAt.slice(0, 10), lines[at])
    if (found.length) tell(found)
    if (refuses(found)) return
    if (fleet) fleets.set(declaration.operatorId + fleet.id, { operator: declaration.operatorId, ...fleet })
    rows += rowOf(declaration, uuid(), declaration.operatorId, establishment, acceptedAt, fleet)
    accepted++
  })
  const batch = request.headers['idempotency-key']
  const job = { batch, accepted, acceptedAt, rows, fleets: [...fleets.values()] }
  await queue.add('store', job, { jobId: batch, attempts: 5, removeOnComplete: true })
  return reply.code(202).send({ accepted, refused: lines.length - accepted, findings })
})

function parse (line) {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

await app.listen({ host: '127.0.0.1', port: Number(process.env.PEER_PORT) })

// Peer (c): a job is a batch, stored in one transaction by COPY, unless it is stored already.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'bullmq'
import { from } from 'pg-copy-streams'
import { pool } from './database.js'
import { connection, QUEUE } from './queue.js'
import { COLUMNS } from './rows.js'

const BATCH = 'INSERT INTO peers.batch VALUES ($1, $2) ON CONFLICT DO NOTHING'
const COPY = `COPY peers.declaration_version (${COLUMNS}) FROM STDIN`
const FLEETS = `
  INSERT INTO peers.fleet
  SELECT (fleet->>'operator')::uuid, (fleet->>'id')::uuid, $2::timestamptz,
         ARRAY(SELECT jsonb_array_elements_text(fleet->'plates')),
         ARRAY(SELECT jsonb_array_elements_text(fleet->'plateKeys')),
         ARRAY(SELECT jsonb_array_elements_text(fleet->'weights'))
  FROM jsonb_array_elements($1::jsonb) AS fleet
  ON CONFLICT DO NOTHING`

async function store ({ data }) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const { rowCount } = await client.query(BATCH, [data.batch, data.accepted])
    if (rowCount) {
      if (data.fleets.length) await client.query(FLEETS, [JSON.stringify(data.fleets), data.acceptedAt])
      await pipeline(Readable.from([Buffer.from(data.rows)]), client.query(from(COPY)))
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

const worker = new Worker(QUEUE, store, { connection, concurrency: 2 })
worker.on('failed', (job, error) => console.error(job?.id, error.message))

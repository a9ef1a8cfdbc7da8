// Connections to Postgres, and the operators for whom a key may speak, remembered by the process.
import { createHash } from 'node:crypto'
import pg from 'pg'

const DELEGATED = `
  SELECT operator.operator_id::text AS id, operator.country
  FROM public.credential
       JOIN public.delegation USING (credential_id)
       JOIN public.operator ON operator.operator_id = delegation.operator_id
  WHERE credential.key_hash = $1
    AND credential.revoked_at IS NULL AND delegation.revoked_at IS NULL
    AND operator.operator_id = ANY($2)`

export const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL, max: 2 })

const known = new Map()

export async function establishments (apiKey, operators) {
  const unknown = [...operators].filter(operator => !known.has(apiKey + operator))
  if (unknown.length) {
    const hash = createHash('sha256').update(apiKey).digest()
    const { rows } = await pool.query(DELEGATED, [hash, unknown])
    for (const { id, country } of rows) known.set(apiKey + id, country)
  }
  return operator => known.get(apiKey + operator)
}

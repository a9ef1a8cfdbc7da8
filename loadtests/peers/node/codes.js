// The codes and limits of the field, which the bench writes from OpenRTPD's own data.
import { readFileSync } from 'node:fs'

export const codes = JSON.parse(readFileSync(process.env.PEER_CODES, 'utf8'))

// Patterns by country, as expressions that fit a whole text.
export const shapes = table => new Map(Object.entries(table).map(([code, shape]) => [code, new RegExp(`^(?:${shape})$`)]))

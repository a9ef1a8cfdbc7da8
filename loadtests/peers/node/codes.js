// The codes and limits of the field, which the bench writes from OpenRTPD's own data.
import { readFileSync } from 'node:fs'

export const codes = JSON.parse(readFileSync(process.env.PEER_CODES, 'utf8'))

// Where Redis is, and how the queue of batches is called.
export const QUEUE = 'batches'

export const connection = {
  path: process.env.PEER_REDIS_SOCKET,
  db: Number(process.env.PEER_REDIS_DATABASE),
  maxRetriesPerRequest: null
}

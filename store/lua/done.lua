-- Takes stored frames out of one shard: the stream, the group's pending list, the index and the count at once.
-- KEYS: stream, index, counter. ARGV: group, then frame id and rows in turns.
for i = 2, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then
    redis.call('HDEL', KEYS[2], ARGV[i])
    redis.call('DECRBY', KEYS[3], ARGV[i + 1])
  end
end

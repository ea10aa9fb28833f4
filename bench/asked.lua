-- Requests for wrk: `repeated`, a few queries again and again, or `unique`, point lookups that
-- are all different. Arguments: kind, path of the endpoint.
local kind, path, count, thread_id = "", "", 0, 0

local function escaped(text)
  return (text:gsub("[^%w]", function(sign) return string.format("%%%02X", sign:byte()) end))
end

function setup(thread)
  thread_id = thread_id + 1
  thread:set("thread_id", thread_id)
end

function init(arguments)
  kind, path = arguments[1], arguments[2]
  -- Other rounds ask for other things.
  count = os.time() % 100000 * 1000
end

function request()
  count = count + 1
  local place = kind == "repeated" and count % 20 or (count * 7919 + thread_id * 31) % 100000
  local note = kind == "repeated" and "" or " # " .. thread_id .. "." .. count
  local query = "SELECT ?p ?o { <https://places.example/id/place/" .. place .. "> ?p ?o }" .. note
  return wrk.format("GET", path .. "?query=" .. escaped(query),
    { ["Accept"] = "application/sparql-results+json" })
end

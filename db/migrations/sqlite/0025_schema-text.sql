UPDATE `versions` SET `openapi_schema` = `openapi_schema` WHERE 0; -- It is text here already.

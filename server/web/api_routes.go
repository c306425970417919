package web

import "github.com/gin-gonic/gin"

// apiRoutes adds the JSON API.
func (s *Server) apiRoutes(e *gin.Engine) { _ = e }

// failAPI answers an error of the API as JSON.
func (s *Server) failAPI(c *gin.Context, m mapping, _ error) {
	c.JSON(m.status, gin.H{"error": m.key})
}

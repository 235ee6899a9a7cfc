"""How clients of Redis connect: brokers, limits, failed sign-ins."""

"""What a request costs here, beside a bare handler, a bare Bolt app and the app one would write without thinking."""

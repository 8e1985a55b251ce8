from codezest_sql.cli.main import main

main()
